using System.Reflection;
using System.Runtime.InteropServices;

namespace Facto.Faiss;

/// <summary>The functions of native/facto_faiss.cpp, and where the library is looked for.</summary>
internal static unsafe partial class FaissNative
{
    private const string Library = "facto_faiss";

    /// <summary>Names the file of the native library.</summary>
    public const string PathVariable = "FACTO_FAISS";

    private static readonly Lazy<(nint Handle, string Reason)> Loaded = new(Load);

    static FaissNative() => NativeLibrary.SetDllImportResolver(typeof(FaissNative).Assembly, Resolve);

    /// <summary>Null when the library is there, otherwise the sentence that says why not and what to do.</summary>
    public static string? Missing => Loaded.Value.Handle != 0 ? null : Loaded.Value.Reason;

    public static void Require()
    {
        if (Missing is { } reason) { throw new FactoException(reason); }
    }

    /// <summary>Throws what Faiss said when a call failed.</summary>
    public static void Check(int result, string doing)
    {
        if (result != 0) { throw new FactoException($"Faiss failed while {doing}: {Error()}"); }
    }

    public static string Error() => (Marshal.PtrToStringUTF8(facto_faiss_error()) ?? "").ReplaceLineEndings(" ");

    [LibraryImport(Library)]
    public static partial nint facto_faiss_error();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int facto_faiss_create(int dimension, string description, out nint index);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int facto_faiss_load(string path, out nint index);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int facto_faiss_save(nint index, string path);

    [LibraryImport(Library)]
    public static partial void facto_faiss_free(nint index);

    [LibraryImport(Library)]
    public static partial int facto_faiss_dimension(nint index);

    [LibraryImport(Library)]
    public static partial long facto_faiss_count(nint index);

    [LibraryImport(Library)]
    public static partial int facto_faiss_metric(nint index);

    [LibraryImport(Library)]
    public static partial int facto_faiss_train(nint index, long count, float* vectors);

    [LibraryImport(Library)]
    public static partial int facto_faiss_add(nint index, long count, float* vectors, long* ids);

    [LibraryImport(Library)]
    public static partial int facto_faiss_set_breadth(nint index, int breadth);

    [LibraryImport(Library)]
    public static partial int facto_faiss_search(
        nint index, float* query, long wanted, int filtered, ulong* allowed, long words, int* denied, long deniedCount, float* scores,
        long* ids);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == Library ? Loaded.Value.Handle : 0;

    private static (nint Handle, string Reason) Load()
    {
        string file = OperatingSystem.IsWindows()
            ? "facto_faiss.dll"
            : OperatingSystem.IsMacOS() ? "libfacto_faiss.dylib" : "libfacto_faiss.so";
        string? named = Environment.GetEnvironmentVariable(PathVariable);
        string path = string.IsNullOrEmpty(named) ? Path.Combine(AppContext.BaseDirectory, file) : named;
        return NativeLibrary.TryLoad(path, out nint handle)
            ? (handle, "")
            : (0, $"Faiss is not available: {path} could not be loaded; build it with eng/build-faiss-shim.sh (needs libfaiss-dev) and "
                + $"set {PathVariable} to the file that it prints");
    }
}
