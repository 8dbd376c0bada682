#define _GNU_SOURCE
#include "crosspoint_linux.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

int crosspoint_directory_names(const char *path, char *names, size_t capacity, size_t *written) {
    *written = 0;
    DIR *directory = opendir(path);
    if (!directory) return -errno;
    int count = 0;
    for (struct dirent *entry = readdir(directory); entry && count < INT_MAX; entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        count++;
        size_t octets = strlen(entry->d_name) + 1;
        if (octets > capacity - *written) continue;
        memcpy(names + *written, entry->d_name, octets);
        *written += octets;
    }
    closedir(directory);
    return count;
}
