/// Puts in piece by piece what was refused as a whole: one flow that cannot go in must not keep the others out, which
/// may belong to any number of other calls.
///
/// - Parameters:
///   - items: what to put in.
///   - isHopeless: true for a failure that everything else would meet as well.
///   - attempt: puts in all of a piece or nothing, and returns why not.
/// - Returns: the indices of what stayed out, with the reason, in order.
func putInPiecewise<Item, Failure: Error>(
    _ items: ArraySlice<Item>, isHopeless: (Failure) -> Bool, attempt: (ArraySlice<Item>) -> Failure?
) -> [(index: Int, failure: Failure)] {
    var failures: [(index: Int, failure: Failure)] = []
    // The piece at the end is the next one.
    var pieces = items.isEmpty ? [] : [items]
    var hopeless: Failure?
    while let piece = pieces.popLast() {
        guard let failure = hopeless ?? attempt(piece) else { continue }
        if hopeless == nil, isHopeless(failure) { hopeless = failure }
        if piece.count > 1, hopeless == nil {
            let middle = piece.startIndex + piece.count / 2
            pieces.append(piece[middle...])
            pieces.append(piece[..<middle])
        } else {
            failures += piece.indices.map { (index: $0, failure: failure) }
        }
    }
    return failures
}
