using System.Globalization;
using System.Text;

namespace Facto.Benchmarks.Retrieval;

/// <summary>Recall (across) against queries per second (up, logarithmic) as SVG.</summary>
internal static class CurvePlot
{
    private const double Left = 80, Top = 50, Width = 640, Height = 400;
    private static readonly string[] Colours = [
        "#0b6e4f", "#c1121f", "#1d4e89", "#f18f01", "#6a4c93", "#7f5539", "#444444", "#00a6fb", "#d81159", "#8f9b00", "#e07be0", "#2ec4b6",
        "#9d4edd", "#bc6c25"];

    public static void Write(string path, string title, IReadOnlyList<Curve> curves)
    {
        CurvePoint[] all = [.. curves.SelectMany(c => c.Points).Where(p => p.Speed > 0)];
        double from = Math.Floor(all.Min(p => p.Recall) * 20) / 20, low = Math.Floor(Math.Log10(all.Min(p => p.Speed))),
            high = Math.Ceiling(Math.Log10(all.Max(p => p.Speed)));
        if (from >= 1) { from = 0.95; }
        if (high <= low) { high = low + 1; }
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Left + Width + 40} {Top + Height + 70 + (20 * curves.Count)}' "
                + $"font-family='sans-serif' font-size='13'>");
        svg.AppendLine(
            CultureInfo.InvariantCulture, $"<rect width='100%' height='100%' fill='white'/>"
                + $"<text x='{Left}' y='28' font-size='16'>{title}</text>");
        for (int i = 0; i <= 10; i++)
        {
            double recall = from + ((1 - from) * i / 10), x = X(recall);
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"<path d='M{x:F1} {Top}V{Top + Height}' stroke='#ddd'/><text x='{x:F1}' y='{Top + Height + 18}' "
                    + $"text-anchor='middle'>{recall:F3}</text>");
        }

        for (double power = low; power <= high; power++)
        {
            double y = Y(Math.Pow(10, power));
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"<path d='M{Left} {y:F1}H{Left + Width}' stroke='#ddd'/><text x='{Left - 6}' y='{y + 4:F1}' "
                    + $"text-anchor='end'>{Math.Pow(10, power):N0}</text>");
        }

        svg.AppendLine(CultureInfo.InvariantCulture,
            $"<text x='{Left + (Width / 2)}' y='{Top + Height + 38}' text-anchor='middle'>recall</text><text x='{Left}' "
                + $"y='{Top - 6}'>queries per second, one thread</text>");
        for (int c = 0; c < curves.Count; c++)
        {
            string colour = Colours[c % Colours.Length];
            CurvePoint[] points = [.. curves[c].Points.Where(p => p.Speed > 0).OrderBy(p => p.Recall)];
            string line = string.Join(' ', points.Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Recall):F1},{Y(p.Speed):F1}")));
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"<polyline fill='none' stroke='{colour}' stroke-width='2' points='{line}'/>");
            foreach (CurvePoint p in points)
            {
                svg.AppendLine(CultureInfo.InvariantCulture,
                    $"<circle cx='{X(p.Recall):F1}' cy='{Y(p.Speed):F1}' r='3.5' fill='{colour}'><title>{curves[c].Name}, {p.Setting}: "
                        + $"recall {p.Recall:F4}, {p.Speed:F0} per second</title></circle>");
            }
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"<text x='{Left}' y='{Top + Height + 60 + (20 * c)}' fill='{colour}'>{curves[c].Name} (build "
                    + $"{curves[c].BuildSeconds:F1} s)</text>");
        }

        svg.AppendLine(CultureInfo.InvariantCulture, $"</svg>");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, svg.ToString());

        double X(double recall) => Left + (Width * (recall - from) / (1 - from));
        double Y(double speed) => Top + (Height * (high - Math.Log10(speed)) / (high - low));
    }
}
