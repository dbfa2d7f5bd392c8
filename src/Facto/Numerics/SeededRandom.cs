using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>
/// A small random generator (xoshiro256++, Blackman and Vigna 2019) whose draws depend on its seed and stream alone.
/// <c>new SeededRandom(seed, stream)</c> gives every worker, pass or block a sequence of its own.
/// A mutable struct: pass it by reference.
/// </summary>
internal struct SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the sequence that belongs to (<paramref name="seed"/>, <paramref name="stream"/>).</summary>
    public SeededRandom(ulong seed, ulong stream = 0)
    {
        ulong x = seed ^ Mix(stream + 0x9E3779B97F4A7C15UL);
        _s0 = Next(ref x);
        _s1 = Next(ref x);
        _s2 = Next(ref x);
        _s3 = Next(ref x);

        static ulong Next(ref ulong x)
        {
            x += 0x9E3779B97F4A7C15UL;
            return Mix(x);
        }
    }

    /// <summary>The generator's whole state, so that a checkpoint can continue the same sequence.</summary>
    public (ulong S0, ulong S1, ulong S2, ulong S3) State
    {
        readonly get => (_s0, _s1, _s2, _s3);
        set => (_s0, _s1, _s2, _s3) = value;
    }

    /// <summary>64 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s0 + _s3, 23) + _s0;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>), unbiased (Lemire 2019).</summary>
    /// <param name="bound">Exclusive upper end, ≥ 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextInt(int bound)
    {
        uint range = (uint)bound;
        ulong product = (NextBits() >> 32) * range;
        if ((uint)product < range)
        {
            uint threshold = (0u - range) % range;
            while ((uint)product < threshold) { product = (NextBits() >> 32) * range; }
        }

        return (int)(product >> 32);
    }

    /// <summary>Uniform in [0, 1) with 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, 1) with 24 bits.</summary>
    public float NextFloat() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Standard normal (polar method of Marsaglia; the second deviate is discarded so that the state is the sequence).</summary>
    public double NextNormal()
    {
        while (true)
        {
            double x = (2 * NextDouble()) - 1, y = (2 * NextDouble()) - 1, r = (x * x) + (y * y);
            if (r is > 0 and < 1) { return x * Math.Sqrt(-2 * Math.Log(r) / r); }
        }
    }

    /// <summary>Gamma(<paramref name="shape"/>, scale 1), Marsaglia and Tsang 2000.</summary>
    /// <param name="shape">&gt; 0.</param>
    public double NextGamma(double shape)
    {
        if (shape < 1) { return NextGamma(shape + 1) * Math.Pow(1 - NextDouble(), 1 / shape); }
        double d = shape - (1.0 / 3), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextNormal(), v = 1 + (c * x);
            if (v <= 0) { continue; }
            v = v * v * v;
            double u = 1 - NextDouble();
            if (Math.Log(u) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v))) { return d * v; }
        }
    }

    /// <summary>Permutes <paramref name="values"/> uniformly (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
