namespace Facto.AspNetCore.Access;

/// <summary>Marks an endpoint that changes something.</summary>
internal sealed class ChangesState
{
    public static readonly ChangesState Mark = new();
}
