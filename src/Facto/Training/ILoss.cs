using System.Numerics;
using Facto.Models;

namespace Facto.Training;

/// <summary>
/// ℓ(ŷ, y), a loss of one example's score against its label, as a type argument of the gradient solvers. To add one: write a struct in a
/// file of its own and one line in <see cref="Losses"/>, or from another assembly one call of <see cref="Losses.Register{TLoss}"/>.
/// </summary>
public interface ILoss
{
    /// <summary>The name it is asked for by, in lower case.</summary>
    static abstract string Name { get; }

    /// <summary>The task it serves: what a score means is the task's (a number, or log-odds), how wrong it is is the loss's.</summary>
    static abstract LearningTask Task { get; }

    /// <summary>The labels it takes, as the end of a sentence that refuses another one.</summary>
    static abstract string Labels { get; }

    /// <summary>True for a (finite) label that the loss takes.</summary>
    static abstract bool Takes(float label);

    /// <summary>ℓ, lane by lane.</summary>
    static abstract Vector<float> Value(Vector<float> score, Vector<float> label);

    /// <summary>∂ℓ/∂ŷ.</summary>
    static abstract float Derivative(float score, float label);

    /// <summary>The largest ∂²ℓ/∂ŷ², &gt; 0; workers weigh what they have learned apart by it.</summary>
    static abstract float Curvature { get; }

    /// <summary>The link: the score that predicts the given mean label. w₀ starts with it.</summary>
    static abstract float Link(double mean);

    /// <summary>What reports multiply the mean of ℓ with, to give the figure that people know.</summary>
    static virtual float ReportScale => 1;
}
