using Facto.Numerics;

namespace Facto.Training.WholeCatalogue;

/// <summary>One worker's memory during a sweep; sized once, never grown.</summary>
internal sealed unsafe class SweepScratch : IDisposable
{
    private readonly NativeBlock<float> _memory;

    public SweepScratch(int factors, int block)
    {
        PanelRows = GramKernel.PanelRows(block);
        PanelFloats = Math.Max(PanelRows * block, 16 * RowMatrix.PaddedLength(factors));
        int model = LocalModel.Size(block), chunk = RowMatrix.PaddedLength(PanelRows);
        _memory = new NativeBlock<float>(
            PanelFloats + (2L * chunk) + model + ((long)block * block) + (4L * block) + (2L * RowMatrix.PaddedLength(factors)));
        Panel = _memory.Pointer;
        Residuals = Panel + PanelFloats;
        Roots = Residuals + chunk;
        Model = Roots + chunk;
        Matrix = Model + model;
        Step = Matrix + (block * block);
        InverseDiagonal = Step + block;
        Shift = InverseDiagonal + block;
        Old = Shift + block;
        Sums = Old + block;
    }

    /// <summary>Gathered partner vectors, PanelRows × block.</summary>
    public float* Panel { get; }

    public int PanelRows { get; }

    public int PanelFloats { get; }

    /// <summary>√ω·ε of the gathered pairs.</summary>
    public float* Residuals { get; }

    /// <summary>√ω of the gathered pairs.</summary>
    public float* Roots { get; }

    /// <summary>A <see cref="LocalModel"/>.</summary>
    public float* Model { get; }

    /// <summary>block × block.</summary>
    public float* Matrix { get; }

    /// <summary>block floats each: gradient, then step; 1/U_pp; d_c; the vector before the step.</summary>
    public float* Step { get; }

    public float* InverseDiagonal { get; }

    public float* Shift { get; }

    public float* Old { get; }

    /// <summary>2 × padded factors.</summary>
    public float* Sums { get; }

    public void Dispose() => _memory.Dispose();
}
