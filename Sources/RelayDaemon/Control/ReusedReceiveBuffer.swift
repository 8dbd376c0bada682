import NIOCore

/// Hands out one large buffer again and again for reading datagrams.
///
/// A fresh buffer of 64 KiB for each datagram costs the allocator more than the datagram is worth: chunks of that size
/// make glibc tidy up its free lists each time one goes back. For one channel, on its event loop.
struct ReusedReceiveBuffer: RecvByteBufferAllocator {
    /// Where the buffer waits between two reads.
    final class Shelf: @unchecked Sendable {
        // Only ever touched on the channel's event loop.
        fileprivate var buffer: ByteBuffer?

        /// Gives the buffer back once nothing else refers to it.
        func put(_ buffer: consuming ByteBuffer) { self.buffer = buffer }
    }

    let capacity: Int
    let shelf: Shelf

    /// A buffer of so many octets.
    init(capacity: Int) {
        self.capacity = capacity
        self.shelf = Shelf()
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = self.shelf.buffer.take(), buffer.capacity >= self.capacity else {
            return allocator.buffer(capacity: self.capacity)
        }
        buffer.clear()
        return buffer
    }

    func nextBufferSize() -> Int? { self.capacity }

    func record(actualReadBytes: Int) -> Bool { false }
}
