import NIOConcurrencyHelpers
import NIOCore

/// Hands out one large buffer again and again for reading datagrams.
///
/// A fresh buffer of 64 KiB for each datagram costs the allocator more than the datagram is worth: chunks of that size
/// make glibc tidy up its free lists each time one goes back. For one channel, on its event loop.
struct ReusedReceiveBuffer: RecvByteBufferAllocator {
    /// Where the buffer waits between two reads.
    final class Shelf: Sendable {
        private let buffer = NIOLockedValueBox<ByteBuffer?>(nil)

        /// Gives the buffer back once nothing else refers to it.
        func put(_ buffer: ByteBuffer) { self.buffer.withLockedValue { $0 = buffer } }

        fileprivate func take() -> ByteBuffer? { self.buffer.withLockedValue { $0.take() } }
    }

    let capacity: Int
    let shelf: Shelf

    /// A buffer of so many octets.
    init(capacity: Int) {
        self.capacity = capacity
        self.shelf = Shelf()
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = self.shelf.take(), buffer.capacity >= self.capacity else {
            return allocator.buffer(capacity: self.capacity)
        }
        buffer.clear()
        return buffer
    }

    func nextBufferSize() -> Int? { self.capacity }

    func record(actualReadBytes: Int) -> Bool { false }
}
