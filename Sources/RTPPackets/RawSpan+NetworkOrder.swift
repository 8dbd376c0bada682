/// Reads integers in network order. Every read is bounds-checked by the span: reading past the end traps, so lengths
/// are checked first. The `unsafe` loads cannot yield an invalid value: every bit pattern is an integer.
extension RawSpan {
    @inlinable
    func octet(at offset: Int) -> UInt8 {
        unsafe self.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inlinable
    func uint16(at offset: Int) -> UInt16 {
        unsafe UInt16(bigEndian: self.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inlinable
    func uint32(at offset: Int) -> UInt32 {
        unsafe UInt32(bigEndian: self.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inlinable
    func uint64(at offset: Int) -> UInt64 {
        unsafe UInt64(bigEndian: self.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
