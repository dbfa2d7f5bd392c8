using Facto.Training.Session;
using Facto.Training.Tuning;

namespace Facto.Import.Life;

/// <summary>What the steps of a project's life tell while they run. Who listens decides how it looks.</summary>
internal abstract record LifeEvent
{
    /// <summary>A sentence on the way to the result.</summary>
    internal sealed record Note(string Sentence) : LifeEvent;

    /// <summary>How far a step is.</summary>
    /// <param name="What">import, evaluate model …</param>
    /// <param name="Share">0 to 1; 1 when it is done.</param>
    /// <param name="Detail">"12/40 queries".</param>
    internal sealed record Step(string What, double Share, string Detail) : LifeEvent;

    /// <summary>A training began a phase or ended an epoch.</summary>
    internal sealed record Training(SessionProgress Progress) : LifeEvent;

    /// <summary>A trial of a search has ended.</summary>
    internal sealed record TrialEnded(Trial Trial) : LifeEvent;
}

/// <summary>Short ways to tell, on the calling thread (Progress&lt;T&gt; would post to a pool).</summary>
internal static class LifeEvents
{
    public static void Note(this IProgress<LifeEvent>? progress, string sentence) => progress?.Report(new LifeEvent.Note(sentence));

    public static IProgress<TFrom>? Of<TFrom>(this IProgress<LifeEvent>? progress, Func<TFrom, LifeEvent> translate) =>
        progress is null ? null : new Translated<TFrom>(progress, translate);

    private sealed class Translated<TFrom>(IProgress<LifeEvent> progress, Func<TFrom, LifeEvent> translate) : IProgress<TFrom>
    {
        public void Report(TFrom value) => progress.Report(translate(value));
    }
}
