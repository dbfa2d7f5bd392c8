using Facto.Numerics;

namespace Facto.Models;

/// <summary>One draw of an FM's parameters from their posterior.</summary>
/// <param name="Bias">w₀.</param>
/// <param name="Precision">α of the noise; 1 for latents.</param>
/// <param name="CutPoints">γ between classes; empty for regression, one 0 for binary.</param>
/// <param name="Linear">w.</param>
/// <param name="Factors">V: features × k.</param>
internal sealed record PosteriorDraw(float Bias, double Precision, double[] CutPoints, NativeBlock<float> Linear, RowMatrix Factors);

/// <summary>What is believed about one label.</summary>
/// <param name="Mean">Expected label (regression: clipped per draw; binary: the probability of 1; ordinal: the expected class
/// value).</param>
/// <param name="StandardDeviation">Of the label (regression, ordinal), or of the probability over the draws (binary).</param>
/// <param name="Low">Lower end of the central interval.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct PosteriorPrediction(float Mean, float StandardDeviation, float Low, float High);
