import CLinux
import CallRecording

extension RecordingTime {
    /// What the clocks of this host's time zone show.
    init(unixMicroseconds: Int64) {
        let calendar = crosspoint_calendar_at(unixMicroseconds / 1_000_000)
        self.init(
            year: Int(calendar.year), month: Int(calendar.month), day: Int(calendar.day),
            hour: Int(calendar.hour), minute: Int(calendar.minute), second: Int(calendar.second),
            microsecond: Int(unixMicroseconds % 1_000_000))
    }
}
