using Facto.Numerics;
using Facto.Retrieval.Approximate;

namespace Facto.Retrieval.Graph;

/// <summary>
/// Links slots into the graph: the nearest found by a search, thinned so that no link is kept to a slot that lies closer to one already
/// linked than to the new one (Malkov and Yashunin 2018, algorithm 4), and back. Several writers may work on one graph while it is built.
/// </summary>
internal sealed unsafe class GraphWriter(CodedItems graph, int breadth, NativeBlock<int>? locks)
{
    // A slot that was linked before keeps a candidate unless one kept before is nearer to it by this factor in squared distance. Full slots
    // are thinned and dead links mended many times over: with 1 little would be left of them (as Singh et al. 2021, FreshDiskANN, found for
    // their α). More links that stay are worth more than a broader search for new ones, which costs far more time: on 60,000 generated
    // items 2 and a breadth of 48 find as much as 1 and 128 did, though less under a filter.
    private const float FullSlack = 2;
    private const float MendingSlack = 1.4f;

    private const int Pivots = 256;
    private const int Entries = 4;

    private readonly SearchScratch _scratch = new();
    private readonly NativeBlock<Step> _candidates = new(Math.Max(breadth, graph.LinkStride) + graph.LinkStride);
    private readonly NativeBlock<short> _vector = new(graph.Width);
    private readonly NativeBlock<int> _kept = new(graph.LinkStride + 8);
    private readonly NativeBlock<int> _dots = new(graph.LinkStride + 8);
    private readonly int _chosen = graph.LinkStride / 2;   // links that a new slot chooses
    private readonly int _most = graph.LinkStride - 1;     // links that fit

    /// <summary>Links <paramref name="slot"/> among the slots before it.</summary>
    public void Insert(int slot)
    {
        if (slot == 0) { return; }
        var geometry = new Nearness(graph, slot);
        _scratch.Begin(graph, breadth);
        CodeDots.Widen(graph.Codes.Pointer + ((long)slot * graph.Width), graph.Width, _scratch.Vector);
        Enter(slot, geometry);
        BeamSearch.Run(graph, _scratch, geometry, default(OpenAdmission));
        int found = _scratch.Best.Count;
        for (int i = 0; i < found; i++) { _candidates.Pointer[i] = new Step(_scratch.Best.Value(i), _scratch.Best.Slot(i)); }

        int kept = Choose(found, _chosen);
        int* links = LinksOf(slot);
        Span<int> targets = stackalloc int[kept];
        new Span<int>(_kept.Pointer, kept).CopyTo(targets);
        Lock(slot);
        SetLinks(links, targets);
        Unlock(slot);
        foreach (int target in targets) { LinkBack(target, slot); }
    }

    /// <summary>
    /// Gives a slot the links <paramref name="kept"/> and, as far as they fit, the best of <paramref name="candidates"/>.
    /// </summary>
    public void Mend(int slot, ReadOnlySpan<int> kept, ReadOnlySpan<int> candidates)
    {
        Rank(slot, candidates);
        kept.CopyTo(new Span<int>(_kept.Pointer, kept.Length));
        int count = Choose(candidates.Length, _most, kept.Length, MendingSlack);
        SetLinks(LinksOf(slot), new ReadOnlySpan<int>(_kept.Pointer, count));
    }

    /// <summary>Links the targets of a slot back to it where they do not yet.</summary>
    public void LinkBack(int slot)
    {
        Lock(slot);
        int* links = LinksOf(slot);
        Span<int> targets = stackalloc int[links[0]];
        new Span<int>(links + 1, targets.Length).CopyTo(targets);
        Unlock(slot);
        foreach (int target in targets)
        {
            int* back = LinksOf(target);
            if (!new ReadOnlySpan<int>(back + 1, Math.Min(Volatile.Read(ref back[0]), _most)).Contains(slot)) { LinkBack(target, slot); }
        }
    }

    /// <summary>Most candidates that <see cref="Mend"/> takes.</summary>
    public int MostCandidates => (int)_candidates.Length;

    private int* LinksOf(int slot) => graph.Links.Pointer + ((long)slot * graph.LinkStride);

    // A search starts from the nearest of some slots spread over all that exist.
    private void Enter(int slot, Nearness geometry)
    {
        int pivots = Math.Min(slot, Pivots);
        for (int i = 0; i < pivots; i++) { _scratch.Slots[i] = (int)((long)i * slot / pivots); }
        CodeDots.Gather(_scratch.Vector, graph.Codes.Pointer, graph.Width, _scratch.Slots, pivots, _scratch.Dots);
        Span<Step> entries = stackalloc Step[Entries];
        int count = 0;
        for (int i = 0; i < pivots; i++)
        {
            var step = new Step(geometry.Value(_scratch.Dots[i], _scratch.Slots[i]), _scratch.Slots[i]);
            if (count == Entries && !(step.Value > entries[^1].Value)) { continue; }
            int place = count < Entries ? count++ : Entries - 1;
            for (; place > 0 && entries[place - 1].Value < step.Value; place--) { entries[place] = entries[place - 1]; }
            entries[place] = step;
        }

        _scratch.Visit(slot);
        foreach (Step entry in entries[..count])
        {
            _scratch.Visit(entry.Slot);
            _scratch.Best.Enter(entry.Value, entry.Slot);
        }
    }

    private void LinkBack(int slot, int added)
    {
        Lock(slot);
        int* links = LinksOf(slot);
        int count = links[0];
        if (count < _most)
        {
            links[count + 1] = added;
            Volatile.Write(ref links[0], count + 1);
        }
        else
        {
            Span<int> candidates = stackalloc int[count + 1];
            new Span<int>(links + 1, count).CopyTo(candidates);
            candidates[count] = added;
            Rank(slot, candidates);
            SetLinks(links, new ReadOnlySpan<int>(_kept.Pointer, Choose(candidates.Length, _most, slack: FullSlack)));
        }

        Unlock(slot);
    }

    // Readers may see the old and the new links mixed: all of them are slots.
    private static void SetLinks(int* links, ReadOnlySpan<int> targets)
    {
        int before = links[0];
        if (before > targets.Length) { Volatile.Write(ref links[0], targets.Length); }
        Thread.MemoryBarrier();
        targets.CopyTo(new Span<int>(links + 1, targets.Length));
        Volatile.Write(ref links[0], targets.Length);
    }

    private void Rank(int slot, ReadOnlySpan<int> candidates)
    {
        var geometry = new Nearness(graph, slot);
        CodeDots.Widen(graph.Codes.Pointer + ((long)slot * graph.Width), graph.Width, _vector.Pointer);
        fixed (int* slots = candidates)
        {
            int* dots = stackalloc int[candidates.Length + 3];
            CodeDots.Gather(_vector.Pointer, graph.Codes.Pointer, graph.Width, slots, candidates.Length, dots);
            for (int i = 0; i < candidates.Length; i++) { _candidates.Pointer[i] = new Step(geometry.Value(dots[i], slots[i]), slots[i]); }
        }

        new Span<Step>(_candidates.Pointer, candidates.Length)
            .Sort(static (a, b) => a.Value != b.Value ? b.Value.CompareTo(a.Value) : a.Slot.CompareTo(b.Slot));
    }

    // Of the first candidates, nearest first, those that are nearer to the slot than to any one kept before.
    private int Choose(int candidates, int most, int kept = 0, float slack = 1)
    {
        for (int i = 0; i < candidates && kept < most; i++)
        {
            Step candidate = _candidates.Pointer[i];
            if (kept > 0 && IsCovered(candidate, kept, slack)) { continue; }
            _kept.Pointer[kept++] = candidate.Slot;
        }

        return kept;
    }

    private bool IsCovered(Step candidate, int kept, float slack)
    {
        var geometry = new Nearness(graph, candidate.Slot);
        CodeDots.Widen(graph.Codes.Pointer + ((long)candidate.Slot * graph.Width), graph.Width, _vector.Pointer);
        for (int start = 0; start < kept; start += 8)
        {
            int count = Math.Min(8, kept - start);
            CodeDots.Gather(_vector.Pointer, graph.Codes.Pointer, graph.Width, _kept.Pointer + start, count, _dots.Pointer);
            for (int i = 0; i < count; i++)
            {
                if (geometry.Value(_dots.Pointer[i], _kept.Pointer[start + i]) * slack > candidate.Value) { return true; }
            }
        }

        return false;
    }

    private void Lock(int slot)
    {
        if (locks is null) { return; }
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref locks.Pointer[slot], 1, 0) != 0) { wait.SpinOnce(); }
    }

    private void Unlock(int slot)
    {
        if (locks is not null) { Volatile.Write(ref locks.Pointer[slot], 0); }
    }

    private readonly record struct Step(float Value, int Slot);
}
