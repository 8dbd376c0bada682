extension RTPMap {
    /// The assignment of RFC 3551, tables 4 and 5; nil for reserved, unassigned and dynamic payload types.
    public static func staticAssignment(of payloadType: UInt8) -> RTPMap? {
        let (name, rate, channels): (String, UInt32, Int)
        switch payloadType {
        case 0: (name, rate, channels) = ("PCMU", 8000, 1)
        case 3: (name, rate, channels) = ("GSM", 8000, 1)
        case 4: (name, rate, channels) = ("G723", 8000, 1)
        case 5: (name, rate, channels) = ("DVI4", 8000, 1)
        case 6: (name, rate, channels) = ("DVI4", 16000, 1)
        case 7: (name, rate, channels) = ("LPC", 8000, 1)
        case 8: (name, rate, channels) = ("PCMA", 8000, 1)
        case 9: (name, rate, channels) = ("G722", 8000, 1)
        case 10: (name, rate, channels) = ("L16", 44100, 2)
        case 11: (name, rate, channels) = ("L16", 44100, 1)
        case 12: (name, rate, channels) = ("QCELP", 8000, 1)
        case 13: (name, rate, channels) = ("CN", 8000, 1)
        case 14: (name, rate, channels) = ("MPA", 90000, 1)
        case 15: (name, rate, channels) = ("G728", 8000, 1)
        case 16: (name, rate, channels) = ("DVI4", 11025, 1)
        case 17: (name, rate, channels) = ("DVI4", 22050, 1)
        case 18: (name, rate, channels) = ("G729", 8000, 1)
        case 25: (name, rate, channels) = ("CelB", 90000, 1)
        case 26: (name, rate, channels) = ("JPEG", 90000, 1)
        case 28: (name, rate, channels) = ("nv", 90000, 1)
        case 31: (name, rate, channels) = ("H261", 90000, 1)
        case 32: (name, rate, channels) = ("MPV", 90000, 1)
        case 33: (name, rate, channels) = ("MP2T", 90000, 1)
        case 34: (name, rate, channels) = ("H263", 90000, 1)
        default: return nil
        }
        return RTPMap(payloadType: payloadType, encodingName: name, clockRate: rate, channels: channels)
    }
}
