#pragma once
// <liburing.h> itself defines feature-test macros that must not reach Swift: it is included by CUring.c alone.
#include <linux/io_uring.h>
