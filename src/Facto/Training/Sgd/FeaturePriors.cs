using Facto.Data;
using Facto.Numerics;

namespace Facto.Training.Sgd;

/// <summary>
/// A normal prior N(0, 1/p) on the weight and the factors of every feature, whatever the number of examples that have it. L2 inside a step
/// is paid once per example, so a feature seen once is hardly held back by it; a prior is paid once per epoch: after the examples' steps θ
/// ← θ/(1 + ηps), the exact minimum of ½pθ² + (θ − θ′)²/(2ηs), s the optimiser's own scale of the parameter (forward–backward splitting,
/// Duchi and Singer 2009).
/// </summary>
internal static unsafe class FeaturePriors
{
    private const int Grain = 4096;

    /// <summary>Shrinks every parameter but w₀.</summary>
    /// <param name="parameters">After a pass, with all workers at rest.</param>
    /// <param name="fields">Whose features they are.</param>
    /// <param name="settings">p field by field.</param>
    /// <param name="eta">η at the end of the pass.</param>
    /// <param name="workers">Threads.</param>
    public static void Shrink<TUpdate>(FmParameters parameters, IReadOnlyList<Field> fields, SgdSettings settings, float eta, int workers)
        where TUpdate : struct, IUpdate
    {
        for (int g = 0; g < fields.Count; g++)
        {
            float linear = eta * settings.PriorLinear[g], factors = eta * settings.PriorFactors[g];
            nint offset = fields[g].Offset;
            if (linear == 0 && factors == 0) { continue; }
            RowParallel.Run(fields[g].Count, Grain, new object[workers], (first, end, _) =>
            {
                for (nint i = offset + first; i < offset + end; i++)
                {
                    Shrink<TUpdate, Lanes1>(parameters.Linear + (i * parameters.LinearStride), 1, linear);
                    Shrink<TUpdate, Lanes4>(parameters.Factors + (i * parameters.FactorStride), parameters.Width, factors);
                }
            });
        }
    }

    private static void Shrink<TUpdate, TLanes>(float* row, int width, float strength)
        where TUpdate : struct, IUpdate
        where TLanes : struct, ILanes<TLanes>
    {
        if (strength == 0) { return; }
        TLanes one = TLanes.All(1), rate = TLanes.All(strength);
        for (nint f = 0; f < width; f += TLanes.Count)
        {
            // θ − θ·s/(1 + s), not θ/(1 + s): the reciprocal has 12 good bits, and where s is small nothing shall change but by s.
            TLanes value = TLanes.Load(ref row[f]), pull = rate * TUpdate.Scale<TLanes>(ref row[f + width], width);
            TLanes root = TLanes.ReciprocalSqrt(one + pull);
            TLanes.Store(value - (value * pull * root * root), ref row[f]);
        }
    }
}
