using Facto.Data;

namespace Facto.Serving;

/// <summary>
/// What a request says about its user, as sparse rows: stored features of a known user, overridden and completed by the request's own.
/// </summary>
internal sealed class UserProfile
{
    private readonly FeatureBuffer _user = new();
    private readonly FeatureBuffer _context = new();
    private readonly List<UnknownValue> _unknown = [];

    public UserProfile(Bundle bundle, FeatureEncoder encoder, UserQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        FeatureSchema schema = bundle.Model.Schema;
        var given = new HashSet<int>();
        foreach ((string name, IReadOnlyList<string> values) in query.Features ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            int field = encoder.FieldIndex(name);
            if (field < 0 || schema.Fields[field].Spec.Side == FieldSide.Item)
            {
                IEnumerable<string> able = schema.Fields.Where(f => f.Spec.Side != FieldSide.Item).Select(f => f.Spec.Name);
                throw new FactoException($"'{name}' is not a user or context field of the model; it has {string.Join(", ", able)}");
            }

            if (values is null)
            {
                throw new FactoException($"field '{name}' has no list of values: give one, empty for none, or leave the field out");
            }
            given.Add(field);
            encoder.Encode(field, values, schema.Fields[field].Spec.Side == FieldSide.User ? _user : _context);
        }

        if (query.History is { Count: > 0 } history)
        {
            if (bundle.History is null)
            {
                _unknown.Add(
                    new UnknownValue(
                        "history", "the model has no field for a history; its items are left out, and nothing else follows from it"));
            }
            AddHistory(bundle, encoder, history, given);
        }

        if (query.User is { } id) { AddKnown(bundle, id, given); }
        _unknown.AddRange(_user.Unknown);
        _unknown.AddRange(_context.Unknown);
    }

    /// <summary>The user's row in the tables, or −1.</summary>
    public int UserRow { get; private set; } = -1;

    /// <summary>True when no feature is known.</summary>
    public bool IsEmpty => _user.Count == 0 && _context.Count == 0;

    public SparseRow User => _user.Row;

    public SparseRow Context => _context.Row;

    public IReadOnlyList<UnknownValue> Unknown => _unknown;

    /// <summary>Item rows of the request's history.</summary>
    public List<int> HistoryItems { get; } = [];

    private void AddHistory(Bundle bundle, FeatureEncoder encoder, IReadOnlyList<string> history, HashSet<int> given)
    {
        for (int f = 0; f < encoder.Schema.Fields.Count; f++)
        {
            FieldSpec spec = encoder.Schema.Fields[f].Spec;
            if (spec is { Kind: FieldKind.Bag, Side: FieldSide.User } && given.Add(f)) { encoder.Encode(f, history, _user); }
        }

        foreach (string id in history)
        {
            int item = bundle.Data.ItemIds!.IndexOf(id);
            if (item >= 0) { HistoryItems.Add(item); }
            else { _unknown.Add(new UnknownValue("history", id)); }
        }
    }

    private void AddKnown(Bundle bundle, string id, HashSet<int> given)
    {
        UserRow = bundle.Data.UserIds!.IndexOf(id);
        if (UserRow < 0)
        {
            _unknown.Add(new UnknownValue("user", id));
            return;
        }

        SparseRow stored = bundle.Data.Users![UserRow];
        // Whoever was not trained on has no seen items but those of the stored history.
        bool isNew = bundle.History is not null && bundle.Seen[UserRow].IsEmpty;
        for (int i = 0; i < stored.Count; i++)
        {
            // A tied bag's features belong to the item ids' field, and to the bag where they stand on a user's row.
            int feature = stored.Features[i], bag = bundle.History?.BagOf(feature) ?? -1;
            if (isNew && bundle.History!.ItemOf(feature) is >= 0 and int item) { HistoryItems.Add(item); }
            if (given.Count == 0 || !given.Contains(bag >= 0 ? bag : bundle.Model.Schema.FieldIndexOf(feature)))
            {
                _user.Add(new SparseRow(stored.Features.Slice(i, 1), stored.Values.IsEmpty ? default : stored.Values.Slice(i, 1)));
            }
        }
    }
}
