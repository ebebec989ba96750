#include "campaign/internal/zone_table.h"

#include <array>

// Area codes that straddle a zone's border list both sides, as do places that keep a neighbour's
// time by custom.
namespace cxdial::campaign {
namespace {

constexpr auto table = std::to_array<PrefixZones>({
    // Eastern: Connecticut, Delaware, District of Columbia, Florida, Georgia
    {"1203 1475 1860 1959 1302 1202 1771", "America/New_York"},
    {"1239 1305 1321 1324 1352 1386 1407 1561 1645 1656 1689 1727 1728 1754 1772 1786 1813 1863 "
     "1904 1941 1954",
     "America/New_York"},
    {"1448 1850", "America/New_York America/Chicago"},
    {"1229 1404 1470 1478 1678 1706 1762 1770 1912 1943", "America/New_York"},
    // Indiana, Kentucky, Michigan, Tennessee
    {"1260 1317 1463 1765", "America/Indiana/Indianapolis"},
    {"1219 1574 1812 1930", "America/Indiana/Indianapolis America/Chicago"},
    {"1502 1859", "America/Kentucky/Louisville"},
    {"1270 1364 1606", "America/Kentucky/Louisville America/Chicago"},
    {"1231 1248 1269 1313 1517 1586 1616 1679 1734 1810 1947 1989", "America/Detroit"},
    {"1906", "America/Detroit America/Menominee"},
    {"1865", "America/New_York"},
    {"1423 1729", "America/New_York America/Chicago"},
    {"1615 1629 1731 1901 1931", "America/Chicago"},
    // Eastern: Maine, Maryland, Massachusetts, New Hampshire, New Jersey, New York
    {"1207 1227 1240 1301 1410 1443 1667", "America/New_York"},
    {"1339 1351 1413 1508 1617 1774 1781 1857 1978 1603", "America/New_York"},
    {"1201 1551 1609 1640 1732 1848 1856 1862 1908 1973", "America/New_York"},
    {"1212 1315 1329 1332 1347 1363 1465 1516 1518 1585 1607 1624 1631 1646 1680 1716 1718 1838 "
     "1845 1914 1917 1929 1934",
     "America/New_York"},
    // Eastern: North Carolina, Ohio, Pennsylvania, Rhode Island, South Carolina, Vermont, Virginias
    {"1252 1336 1472 1704 1743 1828 1910 1919 1980 1984", "America/New_York"},
    {"1216 1220 1234 1283 1326 1330 1380 1419 1436 1440 1513 1567 1614 1740 1937",
     "America/New_York"},
    {"1215 1223 1267 1272 1412 1445 1484 1570 1582 1610 1717 1724 1814 1835 1878",
     "America/New_York"},
    {"1401 1803 1821 1839 1843 1854 1864 1802", "America/New_York"},
    {"1276 1434 1540 1571 1686 1703 1757 1804 1826 1948 1304 1681", "America/New_York"},
    // Central: Alabama (Phenix City keeps Georgia's time), Arkansas, Illinois, Iowa
    {"1205 1251 1256 1659 1938", "America/Chicago"},
    {"1334 1483", "America/Chicago America/New_York"},
    {"1327 1479 1501 1870", "America/Chicago"},
    {"1217 1224 1309 1312 1331 1447 1464 1618 1630 1708 1730 1773 1779 1815 1847 1861 1872",
     "America/Chicago"},
    {"1319 1515 1563 1641 1712", "America/Chicago"},
    // Central: Louisiana, Minnesota, Mississippi, Missouri, Wisconsin
    {"1225 1318 1337 1457 1504 1985", "America/Chicago"},
    {"1218 1320 1507 1612 1651 1763 1924 1952", "America/Chicago"},
    {"1228 1471 1601 1662 1769", "America/Chicago"},
    {"1235 1314 1417 1557 1573 1636 1660 1816 1975", "America/Chicago"},
    {"1262 1274 1353 1414 1534 1608 1715 1920", "America/Chicago"},
    // Central and Mountain: the Dakotas, Kansas, Nebraska, Oklahoma, Texas
    {"1605 1701", "America/Chicago America/Denver"},
    {"1316 1913", "America/Chicago"},
    {"1620 1785", "America/Chicago America/Denver"},
    {"1402 1531", "America/Chicago"},
    {"1308", "America/Chicago America/Denver"},
    {"1405 1539 1572 1918", "America/Chicago"},
    {"1580", "America/Chicago America/Denver"},
    {"1210 1214 1254 1281 1325 1346 1361 1409 1430 1469 1512 1621 1682 1713 1726 1737 1806 1817 "
     "1830 1832 1903 1936 1940 1945 1956 1972 1979",
     "America/Chicago"},
    {"1432", "America/Chicago America/Denver"},
    {"1915", "America/Denver"},
    // Mountain; part of Arizona's north keeps summer time
    {"1303 1719 1720 1748 1970 1983 1406 1505 1575 1385 1435 1801 1307", "America/Denver"},
    {"1208 1986", "America/Boise America/Los_Angeles"},
    {"1480 1520 1602 1623", "America/Phoenix"},
    {"1928", "America/Phoenix America/Denver"},
    // Pacific: California, Nevada, Oregon, Washington
    {"1209 1213 1279 1310 1323 1341 1350 1357 1369 1408 1415 1424 1442 1510 1530 1559 1562 1619 "
     "1626 1628 1650 1657 1661 1669 1707 1714 1738 1747 1760 1805 1818 1820 1831 1837 1840 1858 "
     "1909 1916 1925 1949 1951",
     "America/Los_Angeles"},
    {"1702 1725", "America/Los_Angeles"},
    {"1775", "America/Los_Angeles America/Denver"},
    {"1503 1971", "America/Los_Angeles"},
    {"1458 1541", "America/Los_Angeles America/Boise"},
    {"1206 1253 1360 1425 1509 1564", "America/Los_Angeles"},
    // Alaska, Hawaii, territories
    {"1907", "America/Anchorage America/Adak"},
    {"1808", "Pacific/Honolulu"},
    {"1787 1939", "America/Puerto_Rico"},
    {"1340", "America/St_Thomas"},
    {"1671", "Pacific/Guam"},
    {"1670", "Pacific/Saipan"},
    {"1684", "Pacific/Pago_Pago"},
    // Canada, from west to east
    {"1604", "America/Vancouver"},
    {"1236 1250 1257 1672 1778",
     "America/Vancouver America/Fort_Nelson America/Creston America/Edmonton"},
    {"1368 1403 1587 1780 1825", "America/Edmonton"},
    {"1306 1474 1639", "America/Regina America/Edmonton"},
    {"1204 1431 1584", "America/Winnipeg"},
    {"1807", "America/Toronto America/Atikokan America/Winnipeg"},
    {"1226 1249 1289 1343 1365 1382 1387 1416 1437 1519 1548 1613 1647 1683 1705 1742 1753 1905 "
     "1942",
     "America/Toronto"},
    {"1263 1354 1438 1450 1468 1514 1579 1819 1873", "America/Toronto"},
    {"1367 1418 1581", "America/Toronto America/Halifax America/Blanc-Sablon"},
    {"1428 1506", "America/Moncton"},
    {"1782 1902", "America/Halifax"},
    {"1709 1879", "America/St_Johns America/Goose_Bay"},
    {"1867", "America/Whitehorse America/Edmonton America/Winnipeg America/Iqaluit"},
    // Bermuda and the Caribbean
    {"1242", "America/Nassau"},
    {"1246", "America/Barbados"},
    {"1264", "America/Anguilla"},
    {"1268", "America/Antigua"},
    {"1284", "America/Tortola"},
    {"1345", "America/Cayman"},
    {"1441", "Atlantic/Bermuda"},
    {"1473", "America/Grenada"},
    {"1649", "America/Grand_Turk"},
    {"1658 1876", "America/Jamaica"},
    {"1664", "America/Montserrat"},
    {"1721", "America/Lower_Princes"},
    {"1758", "America/St_Lucia"},
    {"1767", "America/Dominica"},
    {"1784", "America/St_Vincent"},
    {"1809 1829 1849", "America/Santo_Domingo"},
    {"1868", "America/Port_of_Spain"},
    {"1869", "America/St_Kitts"},
});

}  // namespace

std::span<const PrefixZones> zones_of_north_america() {
    return table;
}

}  // namespace cxdial::campaign
