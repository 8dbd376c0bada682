#pragma once
#include <netinet/in.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
