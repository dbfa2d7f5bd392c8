using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Configuration;

// The framework asks all of them and tells every fault at once.

internal sealed class BundleFolderValidator : IValidateOptions<FactoOptions>
{
    public ValidateOptionsResult Validate(string? name, FactoOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.BundleFolder))
        {
            return ValidateOptionsResult.Fail("BundleFolder is not set: name a folder of bundles, as 'facto train' writes to out/bundles");
        }

        return Directory.Exists(options.BundleFolder)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"BundleFolder is '{options.BundleFolder}', which is no folder; 'facto train' writes one");
    }
}

internal sealed class PollIntervalValidator : IValidateOptions<FactoOptions>
{
    public ValidateOptionsResult Validate(string? name, FactoOptions options) =>
        options.PollInterval >= TimeSpan.FromMilliseconds(10) && options.PollInterval <= TimeSpan.FromDays(1)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"PollInterval is {options.PollInterval}; it must be 00:00:00.010 to 1.00:00:00");
}

internal sealed class RequestLimitValidator : IValidateOptions<FactoOptions>
{
    public ValidateOptionsResult Validate(string? name, FactoOptions options) =>
        options.MaxRequestBytes is >= 1 << 10 and <= 1 << 30
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"MaxRequestBytes is {options.MaxRequestBytes}; it must be {1 << 10} to {1 << 30}");
}

internal sealed class AllowedHostsValidator : IValidateOptions<FactoOptions>
{
    public ValidateOptionsResult Validate(string? name, FactoOptions options)
    {
        string[] wrong = [.. options.AllowedHosts.Where(h => Uri.CheckHostName(h) == UriHostNameType.Unknown)];
        return wrong.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                wrong.Select(h => $"AllowedHosts has '{h}', which is no host name (no scheme, no port, no pattern)"));
    }
}
