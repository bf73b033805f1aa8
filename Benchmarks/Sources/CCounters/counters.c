// The executable's own definitions of these functions come before the C library's, so every call passes here first.
#define _GNU_SOURCE
#include "counters.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;
static atomic_long writes;

long counters_allocations(void) { return atomic_load(&allocations); }
long counters_writes(void) { return atomic_load(&writes); }

void *malloc(size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    *result = __libc_memalign(alignment, size);
    return *result == NULL ? 12 : 0; // ENOMEM
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    static ssize_t (*original)(int, const void *, size_t);
    if (!original) original = dlsym(RTLD_NEXT, "write");
    atomic_fetch_add_explicit(&writes, 1, memory_order_relaxed);
    return original(descriptor, bytes, count);
}

ssize_t writev(int descriptor, const struct iovec *vectors, int count) {
    static ssize_t (*original)(int, const struct iovec *, int);
    if (!original) original = dlsym(RTLD_NEXT, "writev");
    atomic_fetch_add_explicit(&writes, 1, memory_order_relaxed);
    return original(descriptor, vectors, count);
}
