using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>What a sweep over one side reads: that side, its pairs, and the other side, which stands still.</summary>
/// <param name="Side">The side that moves; its rows are c.</param>
/// <param name="Pairs">S, by the moving side's rows.</param>
/// <param name="Partner">The side that stands still; its rows are t.</param>
/// <param name="PartnerGram">Moments of <paramref name="Partner"/> as it stands.</param>
/// <param name="Alpha">α₀.</param>
internal sealed record Sweep(CatalogueSide Side, PairTable Pairs, CatalogueSide Partner, SideGram PartnerGram, float Alpha);

/// <summary>Factors that are moved together.</summary>
/// <param name="Offset">The first.</param>
/// <param name="Width">How many, a multiple of <see cref="RowMatrix.Padding"/>.</param>
internal readonly record struct FactorBlock(int Offset, int Width);

/// <summary>
/// The objective as one row c sees it, exactly quadratic in (δs_π, δa) for a block π of b factors and the row's own term a:
/// <code>
///   Σ_{t∈S_c} ω (y + ⟨δs, r_t⟩ + δa − ỹ)² + α₀ m_c Σ_t q_t (y + ⟨δs, r_t⟩ + δa)²
///     = const + 2⟨Q, δs⟩ + 2P δa + δsᵀY δs + 2 δa⟨X, δs⟩ + W δa²
///   Y  b × b   Σ_S ω r rᵀ + α₀m R₂        X  b   Σ_S ω r + α₀m r̄        W   Σ_S ω + α₀m q̄
///   Q  b       Σ_S ωε r + α₀m e_π         P      Σ_S ωε + α₀m e_A       with e = Gφ_c
/// </code>
/// Every step of every feature in the row needs no more than this, and after a step Q and P follow in O(b²): feature counts never multiply
/// |S|. Layout in floats: Y (b²), X (b), Q (b), W, P, Σ_S ωε², padding.
/// </summary>
internal static unsafe class LocalModel
{
    public static int Size(int block) => (block * block) + (2 * block) + 16;

    public static float* X(float* model, int block) => model + (block * block);

    public static float* Q(float* model, int block) => model + (block * block) + block;

    public static ref float W(float* model, int block) => ref model[(block * block) + (2 * block)];

    public static ref float P(float* model, int block) => ref model[(block * block) + (2 * block) + 1];

    /// <summary>Σ ωε² over the row's observed pairs when the model was built.</summary>
    public static ref float ObservedLoss(float* model, int block) => ref model[(block * block) + (2 * block) + 2];

    /// <summary>Builds the model of row <paramref name="c"/> for the factors <paramref name="at"/>; Y's upper triangle only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Build<TLanes>(Sweep sweep, int c, FactorBlock at, float* model, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        int block = at.Width;
        AddUnobserved<TLanes>(sweep, c, at, model);
        PairTable pairs = sweep.Pairs;
        int start = pairs.Offsets.Pointer[c], end = pairs.Offsets.Pointer[c + 1];
        float weight = 0, gradient = 0, loss = 0;
        for (int chunk = start; chunk < end; chunk += scratch.PanelRows)
        {
            int rows = Math.Min(scratch.PanelRows, end - chunk);
            Gather<TLanes>(sweep, c, chunk..(chunk + rows), at, scratch);
            for (int i = 0; i < rows; i++)
            {
                float root = scratch.Roots[i], residual = scratch.Residuals[i];
                weight += root * root;
                gradient += root * residual;
                loss += residual * residual;
            }

            PanelSums.Accumulate<TLanes>(
                new(scratch.Panel, rows, block), scratch.Residuals, scratch.Roots, Q(model, block), X(model, block));
            GramKernel.AddOuterProducts<TLanes>(ref *scratch.Panel, rows, block, ref *model, block, 0, block, 1f);
        }

        W(model, block) += weight;
        P(model, block) += gradient;
        ObservedLoss(model, block) = loss;
    }

    // The part that every row has: α₀m times the partner's moments, and e = Gφ_c.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUnobserved<TLanes>(Sweep sweep, int c, FactorBlock at, float* model)
        where TLanes : struct, ILanes<TLanes>
    {
        (int offset, int block) = at;
        SideGram gram = sweep.PartnerGram;
        int stride = gram.Stride;
        float mass = sweep.Alpha * sweep.Side.Weight(c), own = sweep.Side.OwnTerms.Pointer[c];
        float* products = gram.Products.Storage.Pointer + offset, mean = gram.Mean.Pointer,
            s = sweep.Side.Sums.Storage.Pointer + ((long)c * stride);
        float* q = Q(model, block), x = X(model, block), ownProducts = gram.OwnProducts.Pointer + offset;
        TLanes m = TLanes.All(mass), a = TLanes.All(own);
        for (int i = 0; i < block; i++)
        {
            float* source = products + ((long)(offset + i) * stride), target = model + (i * block);
            for (int j = i / TLanes.Count * TLanes.Count; j < block; j += TLanes.Count)
            {
                TLanes.Store(m * TLanes.Load(ref source[j]), ref target[j]);
            }
        }

        for (int j = 0; j < block; j += TLanes.Count)
        {
            TLanes rMean = TLanes.Load(ref mean[offset + j]);
            TLanes e0 = TLanes.MulAdd(a, rMean, TLanes.Load(ref ownProducts[j])), e1 = TLanes.Zero, e2 = TLanes.Zero, e3 = TLanes.Zero;
            float* column = products + j;
            for (int f = 0; f < stride; f += 4, column += 4 * stride)
            {
                e0 = TLanes.MulAdd(TLanes.All(s[f]), TLanes.Load(ref *column), e0);
                e1 = TLanes.MulAdd(TLanes.All(s[f + 1]), TLanes.Load(ref column[stride]), e1);
                e2 = TLanes.MulAdd(TLanes.All(s[f + 2]), TLanes.Load(ref column[2 * stride]), e2);
                e3 = TLanes.MulAdd(TLanes.All(s[f + 3]), TLanes.Load(ref column[3 * stride]), e3);
            }

            TLanes.Store(m * ((e0 + e1) + (e2 + e3)), ref q[j]);
            TLanes.Store(m * rMean, ref x[j]);
        }

        W(model, block) = mass * (float)gram.Weight;
        P(model, block) = mass * (float)(VectorOps.Dot<TLanes>(ref *mean, ref *s, stride) + (own * gram.Weight) + gram.OwnSum);
    }

    // Panel rows √ω r_π and residuals √ω (y − ỹ) of some pairs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather<TLanes>(Sweep sweep, int c, Range pairs, FactorBlock at, SweepScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        (int offset, int block) = at;
        int chunk = pairs.Start.Value, rows = pairs.End.Value - chunk;
        int stride = sweep.PartnerGram.Stride;
        int* partners = sweep.Pairs.Partners.Pointer + chunk;
        float* targets = sweep.Pairs.Targets.Pointer + chunk;
        float* roots = sweep.Pairs.RootWeights is { } weights ? weights.Pointer + chunk : null;
        float* vectors = sweep.Partner.Sums.Storage.Pointer, partnerOwn = sweep.Partner.OwnTerms.Pointer;
        float* s = sweep.Side.Sums.Storage.Pointer + ((long)c * stride), panel = scratch.Panel;
        float own = sweep.Side.OwnTerms.Pointer[c];
        for (int i = 0; i < rows; i++, panel += block)
        {
            float* r = vectors + ((long)partners[i] * stride);
            if (i + 2 < rows) { Prefetch(vectors + ((long)partners[i + 2] * stride), stride); }
            float root = roots is null ? 1f : roots[i];
            TLanes scale = TLanes.All(root);
            float y = VectorOps.Dot<TLanes>(ref *s, ref *r, stride) + own + partnerOwn[partners[i]];
            for (int j = 0; j < block; j += TLanes.Count) { TLanes.Store(scale * TLanes.Load(ref r[offset + j]), ref panel[j]); }
            scratch.Roots[i] = root;
            scratch.Residuals[i] = root * (y - targets[i]);
        }
    }

    // Partner vectors lie anywhere in memory; asking for the next but one hides part of the wait.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* row, int length)
    {
        if (!Sse.IsSupported) { return; }
        for (int j = 0; j < length; j += RowMatrix.Padding) { Sse.Prefetch0(row + j); }
    }
}
