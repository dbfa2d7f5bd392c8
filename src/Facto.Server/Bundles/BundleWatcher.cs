
namespace Facto.Server.Bundles;

/// <summary>Follows the folder's current bundle.</summary>
internal sealed class BundleWatcher(BundleStore store, FactoServerOptions options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.PollInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) { store.Follow(); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }
}
