#ifndef COUNTERS_H
#define COUNTERS_H

/// Heap allocations of the process since it began: malloc, calloc, realloc of nothing, posix_memalign.
long counters_allocations(void);

/// Calls of write and writev since the process began.
long counters_writes(void);

#endif
