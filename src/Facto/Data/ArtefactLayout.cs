using System.Runtime.InteropServices;

namespace Facto.Data;

// The container that every Facto file shares (docs/formats/README.md): a 64-byte header, sections that start on 64-byte
// boundaries so that they can be used where they are mapped, then the section table and a JSON description.
internal static class ArtefactLayout
{
    public const int Alignment = 64;
    public const int MaxSections = 4096;
    public const int MaxMetaBytes = 64 << 20;

    // "FACTO", then bytes that a text-mode transfer would change.
    public static ReadOnlySpan<byte> Magic => "FACTO\r\n\x1a"u8;

    public static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    public static string KindName(uint kind) =>
        Enum.IsDefined((ArtefactKind)kind) ? ((ArtefactKind)kind).ToString().ToLowerInvariant() : $"unknown kind 0x{kind:x8}";
}

[StructLayout(LayoutKind.Sequential, Pack = 1, Size = ArtefactLayout.Alignment)]
internal struct ArtefactHeader
{
    public ulong Magic;
    public uint Kind;
    public uint Version;        // of the kind's own layout
    public long FileLength;
    public long TableOffset;
    public int SectionCount;
    public int MetaLength;      // bytes of JSON after the table
    public uint TableCrc;       // of the table and the JSON
    public uint HeaderCrc;      // of these 64 bytes with this field zero
}

[StructLayout(LayoutKind.Sequential, Pack = 1, Size = ArtefactLayout.Alignment)]
internal unsafe struct ArtefactSection
{
    public const int NameLength = 32;

    public fixed byte Name[NameLength];   // ASCII, zero padded
    public long Offset;
    public long Length;                   // bytes without padding
    public int ElementSize;
    public uint Crc;                      // of the bytes and their zero padding
}
