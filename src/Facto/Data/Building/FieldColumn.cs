namespace Facto.Data.Building;

/// <summary>A field of an object: what it is and how its value is read.</summary>
/// <param name="Spec">The field.</param>
/// <param name="Append">Writes the value's text.</param>
/// <param name="IsList">Whether the value is a list, its elements separated by <see cref="FieldValues.ListSeparator"/>.</param>
internal sealed record FieldColumn<T>(FieldSpec Spec, Action<T, TextBuffer> Append, bool IsList);
