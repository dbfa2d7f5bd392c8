using CsCheck;
using Facto.Data;

namespace Facto.Tests.Data;

public class VocabularyTests
{
    [Fact]
    public void Numbers_strings_in_order_and_finds_each_again() =>
        Gen.String.HashSet[0, 50].Sample(set =>
        {
            string[] values = [.. set.Where(v => !v.Any(char.IsSurrogate))];
            var vocabulary = new Vocabulary(values);
            Assert.Equal(values.Length, vocabulary.Count);
            for (int i = 0; i < values.Length; i++)
            {
                Assert.Equal(i, vocabulary.IndexOf(values[i]));
                Assert.Equal(values[i], vocabulary[i]);
            }

            Assert.Equal(-1, vocabulary.IndexOf("not there " + values.Length));
        });

    [Fact]
    public void An_extension_keeps_the_old_numbers()
    {
        Vocabulary extended = new Vocabulary(["a", "b"]).Extended(["c", "a", "d", "c"]);
        Assert.Equal(["a", "b", "c", "d"], extended.Values());
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var vocabulary = new Vocabulary(Enumerable.Range(0, 1000).Select(i => $"value {i}"));
        Assert.Equal(0, Allocation.Of(() => vocabulary.IndexOf("value 17"), runs: 100));
    }

    [Fact]
    public void A_repeated_value_is_refused() => Assert.Throws<ArgumentException>(() => new Vocabulary(["a", "b", "a"]));
}
