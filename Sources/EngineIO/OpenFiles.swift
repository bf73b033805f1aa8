#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files a process may have open at once. Every connection is one.
public enum OpenFiles {
    /// What a process can allow itself: its hard limit (getrlimit(2)).
    public static var limitMax: UInt { UInt(limits.rlim_max) }

    /// Raises the soft limit to the hard one, as the runtime of the reference server does for its programs. The usual
    /// soft limit of 1,024 is for programs that call select(2), which can count no further.
    public static func allowMost() {
        var limits = limits
        limits.rlim_cur = limits.rlim_max
        // Refused only where the hard limit is none; then the soft one stays.
        _ = setrlimit(resource, &limits)
    }

    private static var limits: rlimit {
        var limits = rlimit()
        getrlimit(resource, &limits)
        return limits
    }

    #if canImport(Glibc)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif
}
