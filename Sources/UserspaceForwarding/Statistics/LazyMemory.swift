internal import Glibc

/// Zeroed memory for large tables, of which the system only provides the pages that are touched.
enum LazyMemory {
    /// Allocates room for `count` elements, aligned to cache lines; every octet is zero.
    static func allocate<Element>(_ type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        precondition(count > 0 && MemoryLayout<Element>.alignment <= 4096)
        let bytes = Self.mappedBytes(count * MemoryLayout<Element>.stride)
        let memory = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            preconditionFailure("no address space for a table of \(bytes) octets")
        }
        // The first page holds the length, so that free() needs no more than the pointer.
        memory.storeBytes(of: bytes, as: Int.self)
        return (memory + Self.pageBytes).bindMemory(to: Element.self, capacity: count)
    }

    /// Frees what `allocate` gave; elements that need it were deinitialised before.
    static func free<Element>(_ pointer: UnsafeMutablePointer<Element>) {
        let memory = UnsafeMutableRawPointer(pointer) - Self.pageBytes
        munmap(memory, memory.load(as: Int.self))
    }

    private static let pageBytes = 4096

    private static func mappedBytes(_ bytes: Int) -> Int {
        Self.pageBytes + (bytes + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
    }
}
