using Facto.Data;
using Facto.Models;
using Facto.Numerics;

namespace Facto.Training.Bayesian;

/// <summary>
/// Draws kept for the model, evenly spread over the sweeps without knowing how many there will be: whenever twice the wanted number is
/// there, every other one is let go and from then on only every second of what was kept before is.
/// </summary>
internal sealed class KeptDraws(int wanted)
{
    private readonly List<PosteriorDraw> _draws = [];
    private long _seen;
    private int _stride = 1;

    /// <summary>All that are held: between <c>wanted</c> and twice as many once enough were seen.</summary>
    public IReadOnlyList<PosteriorDraw> All => _draws;

    /// <summary>At most <c>wanted</c> of them, evenly chosen, the latest included.</summary>
    public IReadOnlyList<PosteriorDraw> Chosen()
    {
        int count = Math.Min(wanted, _draws.Count);
        return [.. Enumerable.Range(1, count).Select(i => _draws[(int)((long)i * _draws.Count / count) - 1])];
    }

    /// <summary>Offers a draw; <paramref name="copy"/> is called when it is kept.</summary>
    public void Offer(Func<PosteriorDraw> copy)
    {
        if (_seen++ % _stride != 0) { return; }
        if (_draws.Count == 2 * wanted)
        {
            for (int i = _draws.Count - 1; i > 0; i -= 2) { _draws.RemoveAt(i); }
            _stride *= 2;
            if ((_seen - 1) % _stride != 0) { return; }
        }

        _draws.Add(copy());
    }

    public void Save(ArtefactWriter writer)
    {
        writer.Write<long>("draws.state", [_seen, _stride, _draws.Count]);
        for (int s = 0; s < _draws.Count; s++)
        {
            PosteriorDraw draw = _draws[s];
            writer.Write<double>($"draws.{s}.scalars", [draw.Bias, draw.Precision, .. draw.CutPoints]);
            writer.Write($"draws.{s}.linear", draw.Linear);
            writer.Write($"draws.{s}.factors", draw.Factors.Storage);
        }
    }

    public void Load(ArtefactReader reader, int features, int k)
    {
        NativeBlock<long> state = reader.Block<long>("draws.state", 3);
        (_seen, _stride) = (state[0], (int)state[1]);
        _draws.Clear();
        for (int s = 0; s < state[2]; s++)
        {
            Span<double> scalars = reader.Block<double>($"draws.{s}.scalars").Span;
            var draw = new PosteriorDraw(
                (float)scalars[0], scalars[1], scalars[2..].ToArray(), new NativeBlock<float>(features), new RowMatrix(features, k));
            reader.Block<float>($"draws.{s}.linear", features).CopyTo(draw.Linear);
            reader.Block<float>($"draws.{s}.factors", draw.Factors.Storage.Length).CopyTo(draw.Factors.Storage);
            _draws.Add(draw);
        }
    }
}
