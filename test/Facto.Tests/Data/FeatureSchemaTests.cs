using CsCheck;
using Facto.Data;

namespace Facto.Tests.Data;

public class FeatureSchemaTests
{
    [Fact]
    public void Every_feature_belongs_to_the_field_whose_range_holds_it() =>
        Gen.Int[0, 5].Array[1, 8].Sample(counts =>
        {
            var schema = new FeatureSchema(counts.Select((c, i) => new Field { Spec = new FieldSpec { Name = $"f{i}" }, Count = c }));
            Assert.Equal(counts.Sum(), schema.FeatureCount);
            int feature = 0;
            for (int f = 0; f < counts.Length; f++)
            {
                for (int j = 0; j < counts[f]; j++) { Assert.Equal(f, schema.FieldIndexOf(feature++)); }
            }
        });
}
