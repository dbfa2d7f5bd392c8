using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Facto.Tests.Import;

/// <summary>The documentation of members as the compiler wrote it, for the schema's descriptions.</summary>
internal static partial class SettingDocs
{
    public static Func<string, string?> Read()
    {
        var texts = new Dictionary<string, string>();
        foreach (string name in (string[])["Facto.xml", "Facto.Import.xml"])
        {
            foreach (XElement member in XDocument.Load(Path.Combine(AppContext.BaseDirectory, name)).Descendants("member"))
            {
                string id = (string)member.Attribute("name")!;
                if (member.Element("summary") is { } summary) { texts[id] = Plain(summary); }
                // A record's parameters are its properties.
                foreach (XElement parameter in id.StartsWith("T:", StringComparison.Ordinal) ? member.Elements("param") : [])
                {
                    texts[$"P:{id[2..]}.{(string)parameter.Attribute("name")!}"] = Plain(parameter);
                }
            }
        }

        return id => texts.GetValueOrDefault(id);
    }

    // References become the names of settings: factors and not P:Facto.Training.TrainOptions.Factors.
    private static string Plain(XElement element)
    {
        string text = string.Concat(element.Nodes().Select(n => n switch
        {
            XText t => t.Value,
            XElement { Name.LocalName: "see" or "paramref" } e =>
                Setting(((string?)e.Attribute("cref") ?? (string?)e.Attribute("name") ?? (string?)e.Attribute("langword"))!),
            XElement e => e.Value,
            _ => string.Empty,
        }));
        return Blanks().Replace(text, " ").Trim().Replace('<', '‹').Replace('>', '›');
    }

    private static string Setting(string reference)
    {
        string name = reference[(reference.LastIndexOf('.') + 1)..];
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    [GeneratedRegex("\\s+")]
    private static partial Regex Blanks();
}
