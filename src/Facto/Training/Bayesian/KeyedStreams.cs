using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// What a random stream is for: with the sweep and an index it names the stream, so draws do not depend on who makes them when.
/// </summary>
internal enum DrawKind
{
    Start = 1,
    Feature,
    Prior,
    Noise,
    Latent,
    CutPoint,
}

/// <summary>Random streams by name: (sweep, kind, index) under one seed. The same at any number of threads.</summary>
internal readonly record struct KeyedStreams(ulong Seed)
{
    public SeededRandom For(int sweep, DrawKind kind, int index) =>
        new(Seed, ((ulong)(uint)sweep << 36) | ((ulong)kind << 32) | (uint)index);
}
