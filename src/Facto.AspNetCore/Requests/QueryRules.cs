using System.Globalization;
using System.Reflection;
using Facto.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Primitives;

namespace Facto.AspNetCore.Requests;

/// <summary>
/// Which names a query may have and what their values are, read off the handler's parameters. Checked before the framework binds them,
/// which would pass over an unknown name and answer a wrong value with an empty 400.
/// </summary>
internal sealed class QueryRules
{
    private readonly Dictionary<string, Type> _parameters = new(StringComparer.OrdinalIgnoreCase);

    public QueryRules(MethodInfo handler, RoutePattern? route)
    {
        foreach (ParameterInfo parameter in handler.GetParameters())
        {
            Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            bool isValue = type == typeof(string) || type.IsPrimitive;
            if (isValue && route?.GetParameter(parameter.Name!) is null) { _parameters[parameter.Name!] = type; }
        }
    }

    public void Check(IQueryCollection query)
    {
        foreach ((string name, StringValues values) in query)
        {
            if (!_parameters.TryGetValue(name, out Type? type))
            {
                string able = _parameters.Count == 0 ? "this address has none" : $"there are {string.Join(", ", _parameters.Keys)}";
                throw new RequestException(400, $"'{name}' is no query parameter here; {able}");
            }

            if (values.Count > 1) { throw new RequestException(400, $"{name} is given {values.Count} times; once is allowed"); }
            if (Fault(type, values.ToString()) is { } wanted)
            {
                throw new RequestException(400, $"{name} is '{values}'; it must be {wanted}");
            }
        }
    }

    private static string? Fault(Type type, string value)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        if (type == typeof(int)) { return int.TryParse(value, NumberStyles.AllowLeadingSign, c, out _) ? null : "a whole number"; }
        if (type == typeof(ulong))
        {
            return ulong.TryParse(value, NumberStyles.None, c, out _) ? null : "a whole number that is not negative";
        }
        if (type == typeof(bool)) { return bool.TryParse(value, out _) ? null : "true or false"; }
        if (type == typeof(float))
        {
            return float.TryParse(
                value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, c, out float number)
                && float.IsFinite(number) ? null : "a finite number with a decimal point, such as 0.5";
        }

        return null;
    }
}
