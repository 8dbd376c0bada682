#pragma once
#include <netinet/in.h>
#include <libnftnl/table.h>
