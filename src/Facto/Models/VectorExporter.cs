using Facto.Data;
using Facto.Numerics;

namespace Facto.Models;

/// <summary>A model and the tables of its dataset → the vectors of all users and items.</summary>
internal static class VectorExporter
{
    /// <summary>The vectors of all item rows, with the items' external ids.</summary>
    /// <exception cref="FactoException">The dataset is flat.</exception>
    public static VectorTable Items(ISeparableModel model, Dataset data, VectorRecipe recipe, int threads)
    {
        SparseRows items = data.Items ?? throw NoSides();
        var vectors = new RowMatrix(items.RowCount, model.VectorDimension);
        Parallel.For(
            0, items.RowCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
            ProjectItem(model, recipe, items[i], vectors.Row(i)));
        return new VectorTable(vectors, data.ItemIds);
    }

    /// <summary>The vectors of all user rows without a context, with the users' external ids.</summary>
    /// <exception cref="FactoException">The dataset is flat.</exception>
    public static VectorTable Users(ISeparableModel model, Dataset data, VectorRecipe recipe, int threads)
    {
        SparseRows users = data.Users ?? throw NoSides();
        var vectors = new RowMatrix(users.RowCount, model.VectorDimension);
        Parallel.For(
            0, users.RowCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, u =>
            ProjectUser(model, recipe, users[u], default, vectors.Row(u)));
        return new VectorTable(vectors, data.UserIds);
    }

    /// <summary>One item's vector.</summary>
    public static void ProjectItem(ISeparableModel model, VectorRecipe recipe, SparseRow item, Span<float> vector)
    {
        model.ProjectItem(item, vector);
        if (recipe == VectorRecipe.Match) { return; }
        vector[0] = 0;
        if (recipe == VectorRecipe.Pooled) { Average(vector, Weight(item)); }
    }

    /// <summary>One user's vector in a context; returns the term that is the same for every item.</summary>
    public static float ProjectUser(ISeparableModel model, VectorRecipe recipe, SparseRow user, SparseRow context, Span<float> vector)
    {
        float term = model.ProjectUser(user, context, vector);
        if (recipe == VectorRecipe.Pooled) { Average(vector, Weight(user) + Weight(context)); }
        return term;
    }

    private static void Average(Span<float> vector, float weight)
    {
        if (weight == 0) { return; }
        foreach (ref float v in vector[1..]) { v /= weight; }
    }

    private static float Weight(SparseRow row)
    {
        float sum = 0;
        for (int i = 0; i < row.Count; i++) { sum += MathF.Abs(row.Value(i)); }
        return sum;
    }

    private static FactoException NoSides() =>
        new("vectors need a user and an item side: give the flat file a field-to-side map, or import a log with both");
}
