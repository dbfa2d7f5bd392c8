namespace Facto.Numerics;

/// <summary>The standard normal's distribution function in double precision, accurate in both tails, and draws from a part of it.</summary>
internal static class NormalDistribution
{
    private const double Sqrt2 = 1.4142135623730951;
    private const int Terms = 28;

    // ln(erfcx(z)/t) as a Chebyshev series in t = 2/(2+z), z ≥ 0 (the form of Press et al., Numerical Recipes, §6.2); the coefficients are
    // computed here from the series and the continued fraction rather than copied.
    private static readonly double[] Series = FitSeries();

    /// <summary>φ(x).</summary>
    public static double Density(double x) => Math.Exp(-0.5 * x * x) * 0.3989422804014327;

    /// <summary>Φ(x), relative error about 1e-14 also for very negative x.</summary>
    public static double Cumulative(double x)
    {
        double z = Math.Abs(x) / Sqrt2;
        double half = 0.5 * Math.Exp((-z * z) + LogScaled(z));
        return x <= 0 ? half : 1 - half;
    }

    /// <summary>ln Φ(x), finite for every finite x.</summary>
    public static double LogCumulative(double x)
    {
        if (x > 0) { return Math.Log(Cumulative(x)); }
        double z = -x / Sqrt2;
        return (-z * z) + LogScaled(z) - 0.6931471805599453;
    }

    /// <summary>ln(Φ(<paramref name="high"/>) − Φ(<paramref name="low"/>)); the ends may be infinite, low &lt; high.</summary>
    public static double LogInterval(double low, double high)
    {
        if (double.IsNegativeInfinity(low)) { return LogCumulative(high); }
        if (double.IsPositiveInfinity(high)) { return LogCumulative(-low); }
        if (low > 0) { (low, high) = (-high, -low); }   // the mirror image: work in the left tail, where Φ is relatively accurate
        if (high > 0) { return Math.Log(Cumulative(high) - Cumulative(low)); }
        double logHigh = LogCumulative(high), logLow = LogCumulative(low);
        return logHigh + Math.Log(-Expm1(logLow - logHigh));
    }

    /// <summary>The x with Φ(x) = p, 0 &lt; p &lt; 1: Halley's iteration from a logistic start.</summary>
    public static double Quantile(double p)
    {
        if (p is not (> 0 and < 1)) { return p <= 0 ? double.NegativeInfinity : p >= 1 ? double.PositiveInfinity : double.NaN; }
        if (p > 0.5) { return -Quantile(1 - p); }
        double logP = Math.Log(p), x = p < 0.02 ? -Math.Sqrt(-2 * logP) + 0.3 : Math.Log(p / (1 - p)) / 1.6;
        for (int i = 0; i < 30; i++)
        {
            // Newton on ln Φ, which is concave: converges from any start.
            double logF = LogCumulative(x), slope = Math.Exp((-0.5 * x * x) - 0.9189385332046727 - logF);
            double step = (logP - logF) / slope;
            x += step;
            if (Math.Abs(step) < 1e-14 * (1 + Math.Abs(x))) { break; }
        }

        return x;
    }

    /// <summary>
    /// A draw from N(<paramref name="mean"/>, 1) given that it lies in (<paramref name="low"/>, <paramref name="high"/>) (Robert 1995).
    /// </summary>
    public static double NextTruncated(ref SeededRandom random, double mean, double low, double high)
    {
        double a = low - mean, b = high - mean;
        return mean + (b < 0 || (double.IsNegativeInfinity(a) && b < 0.5) ? -Between(ref random, -b, -a) : Between(ref random, a, b));
    }

    private static double Between(ref SeededRandom random, double a, double b)
    {
        if (a < 0.5)
        {
            // The interval reaches near the middle: keep ordinary normals, or uniform points when it is short.
            if (b - a > 2.5)
            {
                while (true)
                {
                    double x = Ziggurat.Next(ref random);
                    if (x > a && x < b) { return x; }
                }
            }

            double top = a > 0 ? a * a : b < 0 ? b * b : 0;
            return Uniform(ref random, a, b, top);
        }

        double rate = 0.5 * (a + Math.Sqrt((a * a) + 4));
        if ((b - a) * rate < 1) { return Uniform(ref random, a, b, a * a); }
        while (true)
        {
            double x = a - (Math.Log(1 - random.NextDouble()) / rate), d = x - rate;
            if (x < b && random.NextDouble() <= Math.Exp(-0.5 * d * d)) { return x; }
        }
    }

    private static double Uniform(ref SeededRandom random, double a, double b, double top)
    {
        while (true)
        {
            double x = a + ((b - a) * random.NextDouble());
            if (random.NextDouble() <= Math.Exp(0.5 * (top - (x * x)))) { return x; }
        }
    }

    // e^y − 1 for y ≤ 0 without cancellation (Kahan).
    private static double Expm1(double y)
    {
        double u = Math.Exp(y);
        if (u == 1) { return y; }
        double um1 = u - 1;
        return um1 == -1 ? -1 : um1 * y / Math.Log(u);
    }

    // ln(e^{z²} erfc(z)), z ≥ 0.
    private static double LogScaled(double z)
    {
        double t = 2 / (2 + z), y = (4 * t) - 2, d = 0, dd = 0;
        double[] c = Series;
        for (int j = Terms - 1; j > 0; j--) { (d, dd) = ((y * d) - dd + c[j], d); }
        return Math.Log(t) + (0.5 * ((y * d) + c[0])) - dd;
    }

    private static double[] FitSeries()
    {
        const int nodes = 64;
        var c = new double[Terms];
        for (int i = 0; i < nodes; i++)
        {
            double angle = Math.PI * (i + 0.5) / nodes, t = 0.5 * (Math.Cos(angle) + 1), z = (2 / t) - 2;
            double value = Math.Log(ScaledComplement(z) / t);
            for (int j = 0; j < Terms; j++) { c[j] += 2.0 / nodes * value * Math.Cos(j * angle); }
        }

        return c;
    }

    // e^{z²} erfc(z): Taylor series of erf below 2, Laplace's continued fraction above.
    private static double ScaledComplement(double z)
    {
        if (z < 2)
        {
            double term = z, sum = z;
            for (int n = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum) && n < 200; n++)
            {
                term *= 2 * z * z / ((2 * n) + 1);   // e^{z²} erf(z) = 2/√π Σ 2ⁿ z^{2n+1} / (2n+1)!!
                sum += term;
            }

            return Math.Exp(z * z) - (2 / Math.Sqrt(Math.PI) * sum);
        }

        double fraction = z;
        for (int n = 400; n >= 1; n--) { fraction = z + (0.5 * n / fraction); }
        return 1 / (Math.Sqrt(Math.PI) * fraction);
    }
}
