namespace Facto.Import;

/// <summary>What a column can mean to a recommender.</summary>
internal enum ColumnRole
{
    User,
    Item,
    Label,
    Count,
    Time,
    Title,
}

/// <summary>What logs call their columns, in many trades and some languages. Of each role the surest names stand first.</summary>
internal static class ColumnWords
{
    private static readonly string[] Users = Words(
        "user userid uid users username customer customerid custid customernumber customerno visitor visitorid fullvisitorid member "
            + "memberid account accountid "
        + "client clientid consumer consumerid shopper buyer buyerid subscriber subscriberid reader readerid reviewer reviewerid "
            + "listener listenerid viewer viewerid "
        + "player playerid student studentid learner patient person personid profile profileid profilename household householdid "
            + "householdkey msno userhash "
        + "cookie cookieid deviceid guid session sessionid basket basketid cart cartid visit visitid "
        + "kunde kundeid kundennr kundennummer nutzer nutzerid benutzer benutzerid utilisateur utilisateurid idclient cliente clienteid "
            + "idcliente usuario usuarioid "
        + "idusuario utente utenteid gebruiker gebruikerid klant klantid klantnummer uzytkownik klient bruger anvandare kullanici "
            + "kullaniciid "
        + "пользователь клиент 用户 用户id 客户 ユーザー ユーザーid 顧客 사용자");

    private static readonly string[] Items = Words(
        "item itemid iid items product productid prodid productcode stockcode sku skuid asin parentasin isbn upc ean gtin article "
            + "articleid articleno movie movieid film "
        + "filmid book bookid song songid track trackid artist artistid album albumid game gameid app appid video videoid news newsid "
            + "post postid content contentid "
        + "anime animeid show showid series seriesid episode episodeid podcast podcastid course courseid job jobid recipe recipeid "
            + "restaurant restaurantid business "
        + "businessid venue venueid poi poiid place placeid location locationid hotel hotelid property propertyid listing listingid ad "
            + "adid advert creative creativeid "
        + "offer offerid coupon merchant merchantid shop shopid store storeid brand repo repoid page pageid url doc docid document "
            + "question questionid exercise "
        + "joke jokeid image imageid photo photoid theme workid goodsid good tconst title "
        + "artikel artikelid artikelnr artikelnummer produkt produktid produktnummer ware buch produit produitid livre producto "
            + "productoid articulo libro pelicula "
        + "peliculaid prodotto prodottoid prodottoid articolo produto produtoid urun urunid товар фильм книга 商品 商品id 物品 物品id 电影 映画 상품");

    private static readonly string[] Labels = Words(
        "rating ratings stars star score overall label click clicked isclick isclicked clicks target y liked like likes islike feedback "
            + "response converted conversion "
        + "isconversion purchased ispurchased bought isbuy grade preference reviewscore myrating userrating vote votes thumbs outcome "
            + "relevance "
        + "bewertung wertung sterne evaluation puntuacion calificacion voto valutazione avaliacao ocena beoordeling "
        + "оценка рейтинг 评分 評価 평점");

    private static readonly string[] Counts = Words(
        "quantity qty count cnt counts num number plays playcount playcounts listens listencount views viewcount times frequency freq "
            + "weight amount revenue spend "
        + "spent total sales salesvalue turnover hours playtime minutes seconds duration watchtime dwelltime units "
        + "menge anzahl betrag umsatz quantite montant cantidad importe quantita quantidade aantal количество сумма 数量 金额 個数");

    private static readonly string[] Times = Words(
        "timestamp time timestamps ts datetime date eventtime eventtimestamp eventdate createdat created creationdate createtime "
            + "createdate unixtime unixtimestamp "
        + "unixreviewtime reviewtime reviewdate ratedat ratingtime ratingdate invoicedate invoicetime orderdate ordertime orderedat "
            + "purchasedate purchasetime "
        + "transactiondate transactiontime transactiondt tdat visittime visitdate viewedat clicktime playedat listenedat at when day "
            + "timems timerank rank updatedat lastupdated "
        + "servertime localtime dateadded starttime checkintime utctime "
        + "datum zeit zeitpunkt zeitstempel uhrzeit fecha hora heure horodatage dataora tijd data czas дата время 时间 时间戳 日時 日付 날짜");

    private static readonly string[] Titles = Words(
        "title name itemname productname producttitle moviename movietitle booktitle originaltitle description itemdescription headline "
            + "label primarytitle displayname "
        + "caption subject text titel bezeichnung beschreibung artikelname produktname nom titre nombre titulo nome titolo descripcion "
            + "descrizione naam название 名称 标题 商品名");

    // A name that ends like this says something about a user or item and is no id.
    private static readonly HashSet<string> NoId = [.. Words(
        "name title type category categories genre genres count age gender sex description desc price cost rating score time date "
            + "timestamp flag status group color colour size "
        + "city country state region language lang zip age url link image text brandname level segment year month day hour")];

    /// <summary>How well a name fits a role: 1 when it is one of its words, less when it has one, 0 when it has none.</summary>
    public static double Fit(string column, ColumnRole role)
    {
        string[] words = role switch
        {
            ColumnRole.User => Users,
            ColumnRole.Item => Items,
            ColumnRole.Label => Labels,
            ColumnRole.Count => Counts,
            ColumnRole.Time => Times,
            _ => Titles,
        };
        int at = Array.IndexOf(words, Plain(column));
        if (at >= 0) { return 1 - (0.2 * at / words.Length); }
        List<string> tokens = Tokens(column);
        if (tokens.Count < 2) { return 0; }
        if (role is ColumnRole.User or ColumnRole.Item && NoId.Contains(tokens[^1])) { return 0; }
        string last = tokens[^1], joined = string.Concat(tokens.TakeLast(2));
        if (Array.IndexOf(words, joined) >= 0) { return 0.75; }
        return Array.IndexOf(words, last) >= 0 ? 0.65 : role is ColumnRole.User or ColumnRole.Item
            && tokens.Exists(t => Array.IndexOf(words, t) >= 0) ? 0.5 : 0;
    }

    /// <summary>Whether a name is known for anything: such names stand in headers.</summary>
    public static bool IsKnown(string column) => Plain(column) is "id" or "index"
        || Enum.GetValues<ColumnRole>().Any(r => Fit(column, r) >= 0.65) || NoId.Contains(Plain(column));

    /// <summary>Letters and digits in lower case, without a type as RecBole writes it ("user_id:token").</summary>
    public static string Plain(string column) => new([.. Untyped(column).Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static string Untyped(string column)
    {
        int colon = column.LastIndexOf(':');
        return colon > 0 && column[(colon + 1)..] is "token" or "float" or "token_seq" or "float_seq" ? column[..colon] : column;
    }

    // The words of a name: customer_number, customerNumber, "customer number".
    private static List<string> Tokens(string column)
    {
        var tokens = new List<string>();
        int start = -1;
        string name = Untyped(column);
        for (int i = 0; i <= name.Length; i++)
        {
            bool inWord = i < name.Length && char.IsLetterOrDigit(name[i]);
            bool hump = inWord && start >= 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]);
            if (start >= 0 && (!inWord || hump))
            {
                tokens.Add(name[start..i].ToLowerInvariant());
                start = -1;
            }

            if (inWord && start < 0) { start = i; }
        }

        return tokens;
    }

    private static string[] Words(string words) => [.. words.Split(' ').Distinct()];
}
