using System.Text.Json.Serialization;

namespace Facto.Models;

/// <summary>
/// Which features meet how. Every member reduces to one inner product, so every member retrieves exactly. With vᵢ a feature's factors, f(i)
/// its field, x its value: the sum over pairs i &lt; j of xᵢxⱼ times what is named below (order 3 adds triples).
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelFamily>))]
public enum ModelFamily
{
    /// <summary>⟨vᵢ, vⱼ⟩ (Rendle 2010).</summary>
    Fm,

    /// <summary>ρ_f(i)f(j)·⟨vᵢ, vⱼ⟩: one number per pair of fields (field-weighted FM, Pan et al. 2018).</summary>
    Fwfm,

    /// <summary>⟨vᵢ ⊙ d_f(i)f(j), vⱼ⟩: one vector per pair of fields (the vectorised FmFM, Sun et al. 2021).</summary>
    Fvfm,

    /// <summary>⟨vᵢM_f(i)f(j), vⱼ⟩: one matrix per pair of fields (field-matrixed FM, Sun et al. 2021).</summary>
    Fmfm,

    /// <summary>⟨v_i,f(j), v_j,f(i)⟩: a feature has one vector per field that it meets (field-aware FM, Juan et al. 2016).</summary>
    Ffm,

    /// <summary>⟨vᵢ, vⱼ⟩ and, with factors of their own, the triples Σ_f u_if u_jf u_lf (ANOVA kernel of degree 3, Blondel et al.
    /// 2016).</summary>
    Fm3,
}
