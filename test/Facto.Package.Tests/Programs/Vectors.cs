using Facto.Numerics;
using Facto.Retrieval;

// The vectors of ten items, and those that lie in the direction of one of them.
var items = new RowMatrix(20, 4);
for (int i = 0; i < 20; i++) { items.Row(i)[i % 4] = 1 + i; }
var best = new Scored[10];
int found = new ExactIndex(items).Search([0, 1, 0, 0], default, best);
foreach (Scored item in best.AsSpan(0, found)) { Console.WriteLine($"item {item.Index} {item.Score:F3}"); }
