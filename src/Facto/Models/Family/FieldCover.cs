namespace Facto.Models.Family;

/// <summary>
/// The cheapest way to put every pair (user field a, item field b) into the vectors. A pair is covered by a block of a (every b goes
/// through it), by a block of b, or by a block of its own. The least sum of sizes is a minimum cut: source → a (size of a's block) → b
/// (size of the pair's) → sink (size of b's).
/// </summary>
/// <param name="User">By position among the user fields: has a block.</param>
/// <param name="Item">By position among the item fields: has a block.</param>
/// <param name="Dimension">Floats of all blocks.</param>
internal sealed record FieldCover(bool[] User, bool[] Item, int Dimension)
{
    /// <summary>A pair that may not have a block of its own.</summary>
    public const int Never = int.MaxValue / 4;

    public static FieldCover Of(int[] userSizes, int[] itemSizes, int pairSize)
    {
        int m = userSizes.Length, n = itemSizes.Length, source = m + n, sink = source + 1;
        var room = new long[sink + 1, sink + 1];
        for (int a = 0; a < m; a++)
        {
            room[source, a] = userSizes[a];
            for (int b = 0; b < n; b++) { room[a, m + b] = pairSize; }
        }

        for (int b = 0; b < n; b++) { room[m + b, sink] = itemSizes[b]; }
        int[] from = new int[sink + 1];
        while (Reach(room, source, from)[sink])
        {
            long flow = long.MaxValue;
            for (int v = sink; v != source; v = from[v]) { flow = Math.Min(flow, room[from[v], v]); }
            for (int v = sink; v != source; v = from[v])
            {
                room[from[v], v] -= flow;
                room[v, from[v]] += flow;
            }
        }

        bool[] reached = Reach(room, source, from);
        bool[] user = [.. Enumerable.Range(0, m).Select(a => !reached[a])], item = [.. Enumerable.Range(0, n).Select(b => reached[m + b])];
        int own = user.Count(covered => !covered) * item.Count(covered => !covered) * pairSize;
        return new FieldCover(user, item, checked(own + Sum(user, userSizes) + Sum(item, itemSizes)));
    }

    private static int Sum(bool[] chosen, int[] sizes)
    {
        int sum = 0;
        for (int i = 0; i < sizes.Length; i++) { sum += chosen[i] ? sizes[i] : 0; }
        return sum;
    }

    // Breadth first through edges with room left.
    private static bool[] Reach(long[,] room, int source, int[] from)
    {
        int nodes = room.GetLength(0);
        var reached = new bool[nodes];
        var queue = new Queue<int>([source]);
        reached[source] = true;
        while (queue.TryDequeue(out int u))
        {
            for (int v = 0; v < nodes; v++)
            {
                if (reached[v] || room[u, v] <= 0) { continue; }
                (reached[v], from[v]) = (true, u);
                queue.Enqueue(v);
            }
        }

        return reached;
    }
}
