using System.Numerics;
using System.Runtime.InteropServices;

namespace Facto.Numerics;

/// <summary>Hashes and checksums that are the same on every machine, process and version, because they are written to files.</summary>
internal static class StableHash
{
    /// <summary>CRC-32C (Castagnoli) of <paramref name="bytes"/>, continuing from <paramref name="crc"/>.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes, uint crc = 0)
    {
        crc = ~crc;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(
                crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        }
        foreach (byte b in bytes[(words.Length * 8)..]) { crc = BitOperations.Crc32C(crc, b); }
        return ~crc;
    }

    /// <summary>64-bit FNV-1a of <paramref name="bytes"/> with a final mix, for hash tables and hashed fields.</summary>
    public static ulong Fnv1a(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        ulong hash = 14695981039346656037UL ^ seed;
        foreach (byte b in bytes) { hash = (hash ^ b) * 1099511628211UL; }
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93UL;
        return hash ^ (hash >> 32);
    }
}
