/* The NVIDIA driver's library as far as core/speech/models/hardware.py asks it; CTranslate2 finds too little here and says so.

   FAKE_DRIVER: working | full | no-card | broken (after an update without a restart, say) | crashing. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT ((void *)0x123456789abcULL) /* wider than an int: a caller that cuts pointers is refused */
#define GIB (1024ULL * 1024 * 1024)

static void *current;

static int mood_is(const char *name) {
    const char *mood = getenv("FAKE_DRIVER");
    return mood && !strcmp(mood, name);
}

int cuInit(unsigned int flags) {
    if (mood_is("crashing")) abort();
    return flags ? 1 : mood_is("no-card") ? 100 : mood_is("broken") ? 999 : 0;
}

int cuGetErrorString(int code, const char **text) {
    *text = code == 100 ? "no CUDA-capable device is detected" : "unknown error";
    return 0;
}

int cuDeviceGet(int *device, int ordinal) {
    *device = ordinal;
    return 0;
}

int cuDeviceGetName(char *name, int size, int device) {
    strncpy(name, "Imaginary RTX", size);
    return device;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    *value = attribute == 75 ? 8 : 6;
    return device;
}

int cuDevicePrimaryCtxRetain(void **context, int device) {
    *context = CONTEXT;
    return device;
}

int cuDevicePrimaryCtxRelease_v2(int device) { return device; }

int cuCtxPushCurrent_v2(void *context) {
    current = context;
    return context == CONTEXT ? 0 : 201;
}

int cuCtxPopCurrent_v2(void **context) {
    *context = current;
    current = NULL;
    return 0;
}

int cuMemGetInfo_v2(size_t *free, size_t *total) {
    *free = mood_is("full") ? GIB / 4 : 7 * GIB;
    *total = 12 * GIB;
    return current == CONTEXT ? 0 : 201;
}
