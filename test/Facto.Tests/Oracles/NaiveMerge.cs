namespace Facto.Tests.Oracles;

/// <summary>How a change that one of several workers made to its copy goes into the shared value, one number at a time.</summary>
internal static class NaiveMerge
{
    /// <summary>The part that is added, by the exact rule (1 − e^{-aT}) / (T(1 − e^{-a})); 1 for a = 0.</summary>
    public static double ExactShare(double a, int workers) => a == 0 ? 1 : (1 - Math.Exp(-a * workers)) / (workers * (1 - Math.Exp(-a)));

    /// <summary>The rational function that stands for it.</summary>
    public static double Share(double a, int workers) => (1 + (a / 2)) / (1 + (workers * a / 2));
}
