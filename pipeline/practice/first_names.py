"""First names per origin, for women and men, in order of how common they are.

`Johannes:Hans` is the name in the register and the calling name (roepnaam), which may begin with another letter. A
plain name is both.
"""

from __future__ import annotations

DUTCH_WOMEN = """
Maria:Marja Johanna:Hanna Anna:Anneke Elisabeth:Els Cornelia:Corrie Wilhelmina:Willy Hendrika:Rika
Petronella:Nel Catharina:Toos Adriana:Janny Margaretha:Greet Jacoba:Coby Geertruida:Truus Elisabeth:Bep
Johanna:Joke Maria:Ria Gerarda:Gerda Antonia:Toni Theodora:Dora Helena:Leny Emma Sophie Julia Tess Sara Lisa
Eva Lotte Anouk Iris Femke Sanne Linda Monique Sandra Esther Ingrid Petra Marjolein Astrid Yvonne Mirjam
Marieke Annemarie Saskia Karin Nicole Daphne Kim Laura Naomi Fleur Roos Noor Zoë Chloë Renée Désirée Andréa
Anaïs Loïs Danique Britt Manon Jolanda Wendy Bianca Ellen Tineke Hilde Froukje Sietske Tjitske Ytje IJke
Jitske Aleida:Alie Everdina:Dien Grietje Aaltje:Alie Trijntje:Trini Elsje Klaasje Neeltje:Nel Pietertje:Pia
Dirkje Jannetje:Janny Louise Charlotte Christina:Tineke Francisca:Sisca Agnes Henriëtte:Jet Johanna:Annie
Theresia:Trees Wilhelmina:Mien Isabella:Bella
"""
DUTCH_MEN = """
Johannes:Hans Cornelis:Kees Hendrik:Henk Jan Petrus:Piet Willem:Wim Gerardus:Gerard Jacobus:Koos
Antonius:Ton Pieter:Piet Johannes:Jan Adrianus:Ad Theodorus:Theo Franciscus:Frans Martinus:Tinus Dirk Gerrit
Wilhelmus:Willem Jacob:Jaap Nicolaas:Klaas Marinus:Rinus Lambertus:Bert Hubertus:Huub Hendrikus:Rik
Johannes:Joop Leonardus:Leo Arie Klaas Lucas Daan Sem Finn Levi Bram Milan Jesse Thijs Tim Thomas Lars Niels
Ruben Stijn Jeroen Mark Dennis Peter Martijn Bas Marcel Erik Robert Michel Patrick Rob Edwin Sander Bart
Wouter Jasper Joost Maarten Koen Rick Kevin Roy Stefan Vincent Frank Paul Jeffrey Danny Ronald Richard
Raymond Joël Noël René André François Chrétien Daniël Raphaël Matthijs IJsbrand Ype Yme Sjoerd Wiebe Tjeerd
Sietse Jelle Douwe Foppe Rienk Albertus:Bertus Bernardus:Ben Christiaan:Chris Everardus:Evert
Gijsbertus:Gijs Hermanus:Herman Joseph:Sjef Laurentius:Lau Mattheus:Thijs Paulus:Paul Sebastiaan:Bas
Stephanus:Stef Teunis:Teun Wouterus:Wout Abraham:Bram Izaäk:Iez Simon:Siem
"""
TURKISH_WOMEN = """
Fatma Ayşe Emine Hatice Zeynep Elif Meryem Zehra Sultan Hanife Merve Esra Özlem Yasemin Sevgi Gül Gülsüm
Havva Songül Tuğba Büşra Kübra Derya Ebru Hülya Ümmü Şerife Nur Sibel Dilek Melek Selin Aylin Sıla Ece Nuray
Şule Çiğdem Özge Aysel
"""
TURKISH_MEN = """
Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim Ismail Osman Yusuf Murat Ömer Ramazan Halil Süleyman Abdullah
Mahmut Recep Emre Can Burak Serkan Volkan Hakan Fatih Kemal Orhan Erkan Özgür Ümit Yunus Kadir Bülent Çetin
Şükrü Tolga Uğur Umut Eren Kaan
"""
MOROCCAN_WOMEN = """
Fatima Khadija Aïcha Fatima-Zahra Malika Naïma Samira Latifa Saïda Rachida Nadia Karima Hafida Jamila Zohra
Mina Yamina Soumaya Salma Imane Hajar Nora Yasmina Sara Ikram Ilham Btissam Loubna Meryem Chaïma Dounia
Habiba Hanane Najat Siham Souad Touria Wafa Zineb Rahma
"""
MOROCCAN_MEN = """
Mohamed Ahmed Hassan Abdellah Mustapha Rachid Saïd Youssef Hamid Ali Omar Khalid Karim Driss Abdelkader
Abdelaziz Brahim Bilal Ilias Anass Ayoub Hicham Jamal Mimoun Mohammed Nordin Noureddine Redouan Samir
Soufian Tarik Yassine Zakaria Abderrahman El-Houssain Farid Hakim Ismaïl Lahcen Mourad
"""
SURINAMESE_WOMEN = """
Sharda Anita Sandhya Radha Soenita Wilma Muriel Lilian Hilda Ingrid Jacqueline Patricia Cynthia Shanti
Devika Indra Kamla Asha Reshma Shirley Marlène Yvette Gladys Ramona Joan Ruth Carmen Sheila Urmila Vidya
Roshnie Natasja Melissa Chantal Soraya Ludmila Wonny Tjoetoe
"""
SURINAMESE_MEN = """
Radjen Soerinder Roy Stanley Henk Ricardo Dennis Ruben Clifton Iwan Anand Rishi Vinod Ashwin Sanjay Krishna
Dew Hardeo Jnan Ramesh Guno Harold Orlando Winston Edgar Errol Frits Glenn Humphrey Kenneth Marlon Percy
Romeo Sergio Wensley Kromo Paidi Soekarno Amat Tjong
"""
POLISH_WOMEN = """
Anna Katarzyna Agnieszka Małgorzata Joanna Magdalena Monika Ewa Barbara Krystyna Aleksandra Natalia Karolina
Marta Beata Dorota Iwona Jolanta Justyna Kinga Paulina Patrycja Sylwia Wioletta Zofia Żaneta Łucja Elżbieta
Weronika Izabela
"""
POLISH_MEN = """
Piotr Krzysztof Andrzej Tomasz Paweł Michał Marcin Jakub Adam Łukasz Mateusz Marek Grzegorz Kamil Dawid
Rafał Wojciech Zbigniew Jerzy Mariusz Dariusz Artur Robert Sławomir Bartosz Damian Jacek Radosław Stanisław
Zdzisław
"""
ANTILLEAN_WOMEN = """
Shantell Rugmella Sharlène Maria Nathaly Gisela Ivonne Magaly Xiomara Lucia Judith Ruthmila Zuleika Migdalia
Swinda Thaïsa Angèle Rosalinda Elvira Omaira
"""
ANTILLEAN_MEN = """
Rignald Jairo Giovanni Edsel Quincy Jurgen Elvis Rudolf Hensley Ronny Shurandy Churandy Igmar Nelson Eugène
Rayvon Gilbert Franklin Ludwig Etienne
"""
ARABIC_AND_AFRICAN_WOMEN = """
Fatima Amina Maryam Rania Hiba Nour Layla Samar Rim Salam Selam Hiwet Mebrat Feven Yordanos Rahel Hodan Asha
Amal Halima Ifrah Hawa Abena Akosua Adwoa Ama Efua Mariama Aïssatou Zahra Farzaneh Shabnam Laila Parwana
Nasrin
"""
ARABIC_AND_AFRICAN_MEN = """
Mohammad Ahmad Abdul Omar Khaled Mahmoud Bilal Yousef Anas Majd Tesfalem Filmon Samuel Yonas Abel Robel
Daniel Abdirahman Mahad Ismail Abdi Kwame Kofi Kwabena Yaw Mamadou Ousmane Ibrahima Ali Reza Hamid Navid
Farhad Omid
"""
EUROPEAN_AND_ASIAN_WOMEN = """
Elena Ioana Andreea Mariya Ivanka Zsófia Katalin Kateřina Olena Iryna Tetiana Sabine Heike Birgit Lucía
Carmen João-Ana Inês Giulia Francesca Thị-Lan Mei Xin Yan Priya Anjali Siti Aïsha Mary Emily Chloé Hélène
"""
EUROPEAN_AND_ASIAN_MEN = """
Andrei Ion Mihai Georgi Ivan Dimitar László Gábor Jiří Oleksandr Mykola Andriy Jürgen Klaus Günther José
Ángel João Luís Giovanni Marco Văn-Minh Wei Jun Ming Raj Amit Simon Benny Seán John Étienne Jérôme
"""
