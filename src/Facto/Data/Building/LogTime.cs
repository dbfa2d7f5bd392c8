using System.Globalization;

namespace Facto.Data.Building;

/// <summary>A time of a log: a whole number in the log's own unit (seconds since 1970 of a date), and millionths beyond it.</summary>
/// <param name="Whole">Rounded down.</param>
/// <param name="Millionths">0 to 999,999.</param>
internal readonly record struct LogTime(long Whole, int Millionths)
{
    public const int PerUnit = 1_000_000;

    public static LogTime Of(DateTimeOffset time)
    {
        long micros = (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        long whole = Math.DivRem(micros, PerUnit, out long rest);
        return rest < 0 ? new LogTime(whole - 1, (int)rest + PerUnit) : new LogTime(whole, (int)rest);
    }

    /// <summary>A time without a zone counts as UTC, as in a text.</summary>
    public static LogTime Of(DateTime time) =>
        Of(new DateTimeOffset(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc)));

    /// <summary>A number, with or without a fraction, or a date like 2010-12-01 08:26:00.25, taken as UTC when it names no zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out LogTime time)
    {
        text = text.Trim();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            time = new LogTime(whole, 0);
            return true;
        }

        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && Math.Abs(number) < 9e18m)
        {
            decimal floor = Math.Floor(number);
            time = new LogTime((long)floor, (int)((number - floor) * PerUnit));
            return true;
        }

        bool isDate = !text.IsEmpty
            & DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date);
        time = isDate ? Of(date) : default;
        return isDate;
    }
}
