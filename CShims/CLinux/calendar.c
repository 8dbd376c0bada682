#define _GNU_SOURCE
#include "crosspoint_linux.h"

#include <time.h>

struct crosspoint_calendar crosspoint_calendar_at(int64_t unix_seconds) {
    struct crosspoint_calendar calendar = {0};
    struct tm fields;
    time_t moment = (time_t)unix_seconds;
    if (!localtime_r(&moment, &fields)) return calendar;
    calendar.year = fields.tm_year + 1900;
    calendar.month = fields.tm_mon + 1;
    calendar.day = fields.tm_mday;
    calendar.hour = fields.tm_hour;
    calendar.minute = fields.tm_min;
    calendar.second = fields.tm_sec;
    return calendar;
}
