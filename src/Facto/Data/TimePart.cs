using System.Globalization;
using System.Text.Json.Serialization;

namespace Facto.Data;

/// <summary>
/// Which part of a time is a categorical field's value. Times are seconds (or milliseconds, microseconds, nanoseconds) since 1970 or dates;
/// all parts are UTC.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimePart>))]
internal enum TimePart
{
    /// <summary>"1997": from the year on, a trend.</summary>
    Year,

    /// <summary>"1997-12".</summary>
    Month,

    /// <summary>"1997-12-31": the day of timeSVD++.</summary>
    Day,

    /// <summary>"Wednesday".</summary>
    Weekday,

    /// <summary>"17".</summary>
    Hour,
}

/// <summary>Reads times as logs spell them and takes them apart. Nothing is allocated.</summary>
internal static class TimeText
{
    /// <summary>The longest value of a <see cref="TimePart"/>.</summary>
    internal const int MaxLength = 16;

    /// <summary>Seconds since 1970 (a fraction is dropped), or a date like 2010-12-01 08:26:00, taken as UTC.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long seconds)
    {
        text = text.Trim();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seconds)) { return true; }
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 9e18)
        {
            seconds = (long)Math.Floor(number);
            return true;
        }

        if (text.IsEmpty
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
        {
            return false;
        }
        seconds = date.ToUnixTimeSeconds();
        return true;
    }

    /// <summary>
    /// Seconds of a number of seconds, milliseconds, microseconds or nanoseconds since 1970: beyond the year 5138 a unit is too large to be
    /// meant.
    /// </summary>
    internal static long SecondsOf(long epoch) => Math.Abs(epoch) switch
    {
        < 100_000_000_000 => epoch,
        < 100_000_000_000_000 => (long)Math.Floor(epoch / 1e3),
        < 100_000_000_000_000_000 => (long)Math.Floor(epoch / 1e6),
        _ => (long)Math.Floor(epoch / 1e9),
    };

    /// <summary>The value of a part; empty when <paramref name="text"/> is no time between the years 1 and 9999.</summary>
    internal static ReadOnlySpan<char> Format(ReadOnlySpan<char> text, TimePart part, Span<char> buffer)
    {
        const long first = -62135596800, last = 253402300799;
        if (!TryParse(text, out long seconds)) { return default; }
        seconds = SecondsOf(seconds);
        if (seconds is < first or > last) { return default; }
        string format =
            part switch
            {
                TimePart.Year => "yyyy",
                TimePart.Month => "yyyy-MM",
                TimePart.Day => "yyyy-MM-dd",
                TimePart.Weekday =>
                "dddd",
                _ => "HH"
            };
        DateTimeOffset.FromUnixTimeSeconds(seconds).TryFormat(buffer, out int length, format, CultureInfo.InvariantCulture);
        return buffer[..length];
    }
}
