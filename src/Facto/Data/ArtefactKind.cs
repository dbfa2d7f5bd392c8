namespace Facto.Data;

/// <summary>What a Facto file holds. The value is four ASCII letters, written into the file after the magic.</summary>
internal enum ArtefactKind : uint
{
    /// <summary>A trained model (Models/FmModelFile).</summary>
    Model = 'M' | ('O' << 8) | ('D' << 16) | ((uint)'L' << 24),

    /// <summary>A two-sided or flat dataset (Data/DatasetFile).</summary>
    Dataset = 'D' | ('A' << 8) | ('T' << 16) | ((uint)'A' << 24),

    /// <summary>A table of vectors with ids (Data/VectorTableFile).</summary>
    Vectors = 'V' | ('E' << 8) | ('C' << 16) | ((uint)'T' << 24),

    /// <summary>A retrieval index (Retrieval).</summary>
    Index = 'I' | ('N' << 8) | ('D' << 16) | ((uint)'X' << 24),

    /// <summary>Fields and vocabularies (Data/FeatureSchemaFile).</summary>
    Schema = 'S' | ('C' << 8) | ('H' << 16) | ((uint)'M' << 24),

    /// <summary>Training state that can be continued (Training).</summary>
    Checkpoint = 'C' | ('K' << 8) | ('P' << 16) | ((uint)'T' << 24),
}
