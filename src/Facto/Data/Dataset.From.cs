using Facto.Data.Building;

namespace Facto;

/// <content>The way from objects to a dataset.</content>
public sealed partial class Dataset
{
    /// <summary>Starts a dataset of objects: who met what. Ids may be of any type and are spelt by the invariant culture.</summary>
    /// <typeparam name="T">An interaction.</typeparam>
    /// <typeparam name="TUser">The type of user ids.</typeparam>
    /// <typeparam name="TItem">The type of item ids.</typeparam>
    /// <param name="rows">The interactions; read once, when the dataset is built.</param>
    /// <param name="user">The user's id.</param>
    /// <param name="item">The item's id.</param>
    public static DatasetBuilder<T> From<T, TUser, TItem>(IEnumerable<T> rows, Func<T, TUser> user, Func<T, TItem> item) =>
        new(rows, null, Key(user), Key(item));

    /// <inheritdoc cref="From{T, TUser, TItem}(IEnumerable{T}, Func{T, TUser}, Func{T, TItem})"/>
    public static DatasetBuilder<T> From<T, TUser, TItem>(IAsyncEnumerable<T> rows, Func<T, TUser> user, Func<T, TItem> item) =>
        new(null, rows, Key(user), Key(item));

    /// <summary>Holds interactions out: <c>var (train, test) = data.Split(Split.LeaveLast(1))</c>, or three with validation.</summary>
    public Splits Split(Split split) => new(this, split);

    private static KeyColumn<T, TKey> Key<T, TKey>(Func<T, TKey> id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new KeyColumn<T, TKey>(id);
    }
}
