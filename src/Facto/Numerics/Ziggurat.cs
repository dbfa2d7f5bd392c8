using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// Standard normals by the ziggurat of Marsaglia and Tsang (2000) in Doornik's form: 256 layers of equal area, one 64-bit draw for about
/// 99 of 100 normals. Ten times cheaper than <see cref="SeededRandom.NextNormal"/>, for samplers that need millions in a sweep.
/// </summary>
internal static class Ziggurat
{
    private const int Layers = 256;
    private const double TailStart = 3.6541528853610088;   // r: where the tail begins
    private const double Area = 4.92867323399141e-3;       // v: area of every layer

    private static readonly double[] Edge = Edges();       // x_0 = v/f(r), x_1 = r, …, x_256 = 0
    private static readonly double[] Height = Heights();   // f(x_i) = e^(−x_i²/2)

    /// <summary>One standard normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Next(ref SeededRandom random)
    {
        ulong bits = random.NextBits();
        int layer = (int)(bits & (Layers - 1));
        double x = ((long)bits >> 11) * (1.0 / (1L << 52)) * Edge[layer];   // uniform in ±x_layer
        return Math.Abs(x) < Edge[layer + 1] ? x : Overhang(ref random, layer, x);
    }

    /// <summary>Fills <paramref name="target"/> with independent standard normals.</summary>
    public static void Fill(ref SeededRandom random, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++) { target[i] = (float)Next(ref random); }
    }

    // The draw fell outside the part of the layer that lies wholly under the curve.
    private static double Overhang(ref SeededRandom random, int layer, double x)
    {
        while (true)
        {
            if (layer == 0) { return Tail(ref random, x < 0); }
            double y = Height[layer] + (random.NextDouble() * (Height[layer + 1] - Height[layer]));
            if (y < Math.Exp(-0.5 * x * x)) { return x; }
            ulong bits = random.NextBits();
            layer = (int)(bits & (Layers - 1));
            x = ((long)bits >> 11) * (1.0 / (1L << 52)) * Edge[layer];
            if (Math.Abs(x) < Edge[layer + 1]) { return x; }
        }
    }

    // Marsaglia's (1964) exact method for the tail beyond r.
    private static double Tail(ref SeededRandom random, bool negative)
    {
        while (true)
        {
            double a = -Math.Log(1 - random.NextDouble()) / TailStart, b = -Math.Log(1 - random.NextDouble());
            if (2 * b > a * a) { return negative ? -(TailStart + a) : TailStart + a; }
        }
    }

    private static double[] Edges()
    {
        var x = new double[Layers + 1];
        double f = Math.Exp(-0.5 * TailStart * TailStart);
        x[0] = Area / f;
        x[1] = TailStart;
        for (int i = 2; i < Layers; i++)
        {
            f += Area / x[i - 1];
            x[i] = Math.Sqrt(-2 * Math.Log(f));
        }

        x[Layers] = 0;
        return x;
    }

    private static double[] Heights() => Array.ConvertAll(Edge, static x => Math.Exp(-0.5 * x * x));
}
