#pragma once
// netinet/in.h must come before linux/netfilter.h: glibc and the kernel headers define the same constants.
#include <netinet/in.h>
#include <libmnl/libmnl.h>
