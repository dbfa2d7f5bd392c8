using Facto.Data;

namespace Facto.Models;

/// <summary>
/// A model whose ranking of items is one inner product:
/// Score(user, context, item) = UserTerm(user, context) + ⟨UserVector(user, context), ItemVector(item)⟩.
/// Retrieval, serving and explanation are written against this, not against one model. Its members are the library's own: a solver from
/// outside fills the <see cref="FmModel"/> that its job makes.
/// </summary>
public interface ISeparableModel
{
    /// <summary>The fields and features that the rows speak of.</summary>
    internal FeatureSchema Schema { get; }

    /// <summary>What a score means.</summary>
    internal LearningTask Task { get; }

    /// <summary>Length of user and item vectors.</summary>
    internal int VectorDimension { get; }

    /// <summary>Writes the user side's vector and returns the term that is the same for every item.</summary>
    /// <param name="user">The user's features; may be empty.</param>
    /// <param name="context">The request's features; may be empty.</param>
    /// <param name="vector"><see cref="VectorDimension"/> floats; element 0 is 1 and multiplies the item's own term.</param>
    internal float ProjectUser(SparseRow user, SparseRow context, Span<float> vector);

    /// <summary>Writes an item's vector: element 0 is the item's own term, the rest its factors.</summary>
    /// <param name="item">The item's features; may be empty.</param>
    /// <param name="vector"><see cref="VectorDimension"/> floats.</param>
    internal void ProjectItem(SparseRow item, Span<float> vector);

    /// <summary>The raw score of one example, evaluated directly (not through the vectors).</summary>
    internal float Score(SparseRow user, SparseRow context, SparseRow item);

    /// <summary>A score as a person wants it: clipped rating, probability, or the score itself.</summary>
    internal float Predict(float score);
}
