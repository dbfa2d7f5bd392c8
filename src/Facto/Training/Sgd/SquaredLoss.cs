using System.Numerics;
using System.Runtime.CompilerServices;
using Facto.Models;

namespace Facto.Training.Sgd;

/// <summary>½(ŷ − y)²; reported doubled, as the mean squared error that people know.</summary>
internal readonly struct SquaredLoss : ILoss
{
    public static string Name => "squared";

    public static LearningTask Task => LearningTask.Regression;

    public static string Labels => "any number";

    public static bool Takes(float label) => true;

    public static Vector<float> Value(Vector<float> score, Vector<float> label) =>
        new Vector<float>(0.5f) * (score - label) * (score - label);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float score, float label) => score - label;

    public static float Curvature => 1;

    public static float Link(double mean) => (float)mean;

    public static float ReportScale => 2;
}
