using System.Runtime.CompilerServices;

namespace Facto.Numerics;

/// <summary>Arithmetic that is compiled once for every width of <see cref="ILanes{TSelf}"/>; its fields are the arguments.</summary>
/// <typeparam name="TResult">What it gives; <see cref="Nothing"/> when it only writes.</typeparam>
internal interface ILaneKernel<TResult>
    where TResult : allows ref struct
{
    /// <summary>The arithmetic at one width.</summary>
    TResult Run<TLanes>()
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>The result of what has none.</summary>
internal readonly struct Nothing;

/// <summary>
/// The one place where the width of a machine's registers becomes a type. The kernel is a struct, so the call behind the switch is direct;
/// <see cref="LaneWidth.Best"/> is a constant of the machine, so the switch itself is gone when compiled.
/// </summary>
internal static class LaneDispatch
{
    /// <summary>Runs a kernel at the width that this machine runs best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TResult Run<TKernel, TResult>(TKernel kernel)
        where TKernel : struct, ILaneKernel<TResult>, allows ref struct
        where TResult : allows ref struct => Run<TKernel, TResult>(kernel, LaneWidth.Best);

    /// <summary>Runs a kernel that gives nothing back at the width that this machine runs best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, ILaneKernel<Nothing>, allows ref struct => Run<TKernel, Nothing>(kernel, LaneWidth.Best);

    /// <summary>Runs a kernel at a width of the caller's choice.</summary>
    /// <param name="kernel">The arithmetic.</param>
    /// <param name="lanes">16, 8, 4 or 1; tests ask for every one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TResult Run<TKernel, TResult>(TKernel kernel, int lanes)
        where TKernel : struct, ILaneKernel<TResult>, allows ref struct
        where TResult : allows ref struct => lanes switch
        {
            16 => kernel.Run<Lanes16>(),
            8 => kernel.Run<Lanes8>(),
            4 => kernel.Run<Lanes4>(),
            _ => kernel.Run<Lanes1>(),
        };
}
